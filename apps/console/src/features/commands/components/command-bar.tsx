import type { CommandCounts } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { barOf, progressOf } from '../command-progress.ts';
import classes from './command-bar.module.css';

export interface CommandBarProps {
  readonly counts: CommandCounts;
}

/** How far a command has got: a bar, filled by what is over, and the same in words. */
export function CommandBar({ counts }: CommandBarProps) {
  return (
    <span className={classes.progress}>
      <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className={classes.ground} width="100" height="6" />
        {barOf(counts).map((piece) => (
          <rect key={piece.part} data-part={piece.part} x={piece.start} width={piece.width} height="6" />
        ))}
      </svg>
      <span className={classes.text}>
        <CommandSentence counts={counts} />
      </span>
    </span>
  );
}

/** "11 of 12 succeeded, 1 failed". */
export function CommandSentence({ counts }: CommandBarProps) {
  const { t } = useTranslation('commands');
  const { total, open, cancelling } = progressOf(counts);
  if (counts.succeeded === total) return total === 1 ? t('sentence.doneOne') : t('sentence.done', { total });
  if (total === 1) {
    const [state] = (
      ['queued', 'delivered', 'accepted', 'running', 'cancelling', 'failed', 'expired', 'cancelled'] as const
    ).filter((candidate) => counts[candidate] > 0);
    return t(`state.${state ?? 'queued'}`);
  }
  return [
    t('sentence.part', { succeeded: counts.succeeded, total }),
    ...(counts.failed === 0 ? [] : [t('sentence.failed', { count: counts.failed })]),
    ...(counts.expired === 0 ? [] : [t('sentence.expired', { count: counts.expired })]),
    ...(counts.cancelled === 0 ? [] : [t('sentence.cancelled', { count: counts.cancelled })]),
    ...(cancelling === 0 ? [] : [t('sentence.cancelling', { count: cancelling })]),
    ...(open === cancelling ? [] : [t('sentence.open', { count: open - cancelling })]),
  ].join(', ');
}
