import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes } from '../format/bytes.ts';
import { durationPartsOf } from '../time/duration.ts';
import { relativeTimeOf } from '../time/relative-time.ts';

/** How numbers, times and sizes are written for this reader. */
export interface Format {
  readonly language: string;
  readonly count: (value: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly percent: (share: number) => string;
  /** Words for a length of time: `1 h 30 min`. */
  readonly duration: (durationMs: number) => string;
  readonly ago: (nowMs: number, atMs: number) => string;
  /** Date, time with seconds and zone. */
  readonly exact: (atMs: number) => string;
  readonly date: (atMs: number) => string;
  /** Date and time to the minute. */
  readonly dateTime: (atMs: number) => string;
  /** Date and time to the second, in the zone of the reader: for lists in which the order of moments matters. */
  readonly moment: (atMs: number) => string;
}

export function useFormat(): Format {
  const { t, i18n } = useTranslation('common');
  const language = i18n.language;
  return useMemo(() => {
    const number = new Intl.NumberFormat(language);
    const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
    const exact = new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
    });
    const moment = new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    const dateTime = new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const date = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' });
    return {
      language,
      count: (value) => number.format(value),
      bytes: (bytes) => formatBytes(bytes, language),
      percent: (share) => percent.format(share),
      duration: (durationMs) =>
        durationPartsOf(durationMs)
          .map((part) => t(`duration.${part.unit}`, { count: part.value }))
          .join(' '),
      ago: (nowMs, atMs) => {
        const relative = relativeTimeOf(nowMs, atMs);
        if (relative.unit === 'now') return t('time.now');
        return t(`time.${relative.isFuture ? 'in' : 'ago'}.${relative.unit}`, { count: relative.value });
      },
      date: (atMs) => date.format(atMs),
      exact: (atMs) => exact.format(atMs),
      dateTime: (atMs) => dateTime.format(atMs),
      moment: (atMs) => moment.format(atMs),
    };
  }, [language, t]);
}
