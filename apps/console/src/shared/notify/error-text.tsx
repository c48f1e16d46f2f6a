import { useTranslation } from 'react-i18next';
import classes from './error-text.module.css';
import { describeError, type ErrorText } from './describe-error.ts';

export function useErrorText(): (error: unknown) => ErrorText {
  const { t, i18n } = useTranslation('errors');
  return (error) => describeError(error, t, (key) => i18n.exists(key, { ns: 'errors' }));
}

export interface ErrorDetailsProps {
  readonly error: unknown;
}

/** Everything but the title: the server's sentence, what to do, and what support needs. */
export function ErrorDetails({ error }: ErrorDetailsProps) {
  const { t } = useTranslation('common');
  const text = useErrorText()(error);
  return (
    <div className={classes.details}>
      {text.detail === undefined ? null : <p>{text.detail}</p>}
      {text.remedy === undefined ? null : <p>{text.remedy}</p>}
      <p className={classes.support}>
        {t('error.code')} <code>{text.code}</code>
        {text.requestId === undefined ? null : (
          <>
            {' · '}
            {t('error.request')} <code>{text.requestId}</code>
          </>
        )}
      </p>
    </div>
  );
}

export interface ErrorTitleProps {
  readonly error: unknown;
}

export function ErrorTitle({ error }: ErrorTitleProps) {
  return useErrorText()(error).title;
}
