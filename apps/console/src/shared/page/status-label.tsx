import type { ReactNode } from 'react';
import classes from './status-label.module.css';

export type StatusTone = 'good' | 'idle' | 'attention' | 'failed' | 'running';

export interface StatusLabelProps {
  readonly tone: StatusTone;
  readonly text: string;
  readonly title?: string | undefined;
  readonly isHollow?: boolean;
  /** May take more than one line. */
  readonly isWrapping?: boolean;
  /** Quiet addition behind the word. */
  readonly children?: ReactNode;
}

/** A state as dot and word: colour never says it alone. */
export function StatusLabel({
  tone,
  text,
  title,
  isHollow = false,
  isWrapping = false,
  children,
}: StatusLabelProps) {
  return (
    <span className={classes.label} data-tone={tone} data-wrapping={isWrapping || undefined} title={title}>
      <StatusDot tone={tone} isHollow={isHollow} />
      <span className={classes.text}>{text}</span>
      {children === undefined || children === null ? null : (
        <span className={classes.addition}>{children}</span>
      )}
    </span>
  );
}

export interface StatusDotProps {
  readonly tone: StatusTone;
  readonly isHollow?: boolean;
}

/** Only ever beside a word. */
export function StatusDot({ tone, isHollow = false }: StatusDotProps) {
  return (
    <span className={classes.dot} data-tone={tone} data-hollow={isHollow || undefined} aria-hidden="true" />
  );
}
