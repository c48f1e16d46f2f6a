import { useFormat } from '../i18n/use-format.ts';
import { useTicking } from './use-ticking.ts';

export interface RelativeTimeLabelProps {
  /** RFC 3339 instant. */
  readonly at: string;
  readonly className?: string | undefined;
}

/** "12 s ago", ticking; the exact time on hover. */
export function RelativeTimeLabel({ at, className }: RelativeTimeLabelProps) {
  const format = useFormat();
  const atMs = Date.parse(at);
  const text = useTicking((nowMs) => format.ago(nowMs, atMs));
  return (
    <time className={className} dateTime={at} title={format.exact(atMs)}>
      {text}
    </time>
  );
}
