import { StatusDot, type StatusTone } from '../../../shared/page/status-label.tsx';
import classes from './share-bar.module.css';

export interface Share {
  readonly id: string;
  readonly tone: StatusTone;
  readonly count: number;
  /** The count with its word. */
  readonly text: string;
  /** Shown where it is nothing as well. */
  readonly isKept?: boolean;
}

export interface ShareBarProps {
  /** What the whole is, for those who do not see it. */
  readonly label: string;
  readonly shares: readonly Share[];
  /** Of which the shares are parts. */
  readonly total: number;
}

/** Parts of a whole as one bar, and the same in numbers below it. */
export function ShareBar({ label, shares, total }: ShareBarProps) {
  const shown = shares.filter(({ count, isKept }) => count > 0 || isKept === true);
  let end = 0;
  return (
    <span className={classes.shares} role="group" aria-label={label}>
      <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className={classes.ground} width="100" height="6" />
        {shown.map(({ id, tone, count }) => {
          const begin = end;
          // What is there is seen, however little it is.
          end =
            count === 0 ? begin : Math.min(100, begin + Math.max(1.5, (100 * count) / Math.max(1, total)));
          return <rect key={id} data-tone={tone} x={begin} width={end - begin} height="6" />;
        })}
      </svg>
      <span className={classes.numbers}>
        {shown.map(({ id, tone, text }) => (
          <span key={id} className={classes.number}>
            <StatusDot tone={tone} />
            {text}
          </span>
        ))}
      </span>
    </span>
  );
}
