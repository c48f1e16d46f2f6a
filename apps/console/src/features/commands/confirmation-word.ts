import type { TFunction } from 'i18next';

/** What is typed before something goes out that does not come back by itself: the number of devices, or a word for a single one. */
export function confirmationWord(t: TFunction<'commands'>, count: number | undefined): string {
  return count === undefined || count === 1 ? t('dialog.dangerousWord') : String(count);
}
