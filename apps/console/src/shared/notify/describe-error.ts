import { ApiError } from '@holdfast/api';
import type { TFunction } from 'i18next';

/** What people are told about a failure. */
export interface ErrorText {
  readonly title: string;
  readonly detail: string | undefined;
  readonly remedy: string | undefined;
  readonly code: string;
  readonly requestId: string | undefined;
}

/** By code where the console knows better words, else the server's own sentence. */
export function describeError(
  error: unknown,
  t: TFunction<'errors'>,
  exists: (key: string) => boolean,
): ErrorText {
  if (!(error instanceof ApiError)) {
    return {
      title: t('title.UNKNOWN'),
      detail: undefined,
      remedy: undefined,
      code: 'UNKNOWN',
      requestId: undefined,
    };
  }
  const { code, problem } = error;
  const ownTitle = exists(`title.${code}`) ? t(`title.${code}` as 'title.UNKNOWN') : undefined;
  const ownRemedy = exists(`remedy.${code}`)
    ? t(`remedy.${code}` as 'remedy.SERVER_NOT_REACHABLE')
    : undefined;
  return {
    title: ownTitle ?? error.message,
    detail: ownTitle === undefined || error.message === ownTitle ? undefined : error.message,
    remedy: error.remedy ?? ownRemedy,
    code,
    requestId: problem?.requestId,
  };
}
