import type { Command } from '@holdfast/api';
import type { TFunction } from 'i18next';
import { progressOf } from './command-progress.ts';

/** What was cancelled, as the answer tells it. */
export function cancelledText(t: TFunction<'commands'>, { counts }: Command): string {
  const goesOn = progressOf(counts).begun;
  return [
    counts.cancelling === 0 ? t('detail.cancelled') : t('cancelling.asked', { count: counts.cancelling }),
    ...(goesOn === 0 ? [] : [t('cancelling.goesOn', { count: goesOn })]),
  ].join(' ');
}
