import type { ReactNode } from 'react';
import classes from './cells.module.css';

export interface TextCellProps {
  readonly text: string;
  readonly isSoft?: boolean;
  readonly isMono?: boolean;
  readonly fallback?: string;
}

/** One line of text, cut with an ellipsis; whole on hover. */
export function TextCell({ text, isSoft = false, isMono = false, fallback = '–' }: TextCellProps) {
  if (text === '') return <span className={classes.soft}>{fallback}</span>;
  return (
    <span
      className={classes.text}
      data-soft={isSoft || undefined}
      data-mono={isMono || undefined}
      title={text}
    >
      {text}
    </span>
  );
}

export interface NameCellProps {
  readonly icon?: ReactNode;
  /** A link. The row itself takes the keyboard, so the link should be no tab stop of its own. */
  readonly children: ReactNode;
  /** Beside the name, and cut before the name is. */
  readonly note?: ReactNode;
}

/** What a row is called. */
export function NameCell({ icon, children, note }: NameCellProps) {
  return (
    <span className={classes.named}>
      {icon}
      {children}
      {note === undefined ? null : <span className={classes.note}>{note}</span>}
    </span>
  );
}

export interface NarrowRowProps {
  readonly title: ReactNode;
  /** Beside the title, and never cut. */
  readonly mark?: ReactNode;
  readonly aside?: ReactNode;
  readonly detail?: ReactNode;
  /** A button for the row, at the end of the second line. */
  readonly action?: ReactNode;
}

/** Two lines instead of columns. */
export function NarrowRow({ title, mark, aside, detail, action }: NarrowRowProps) {
  return (
    <div className={classes.narrow}>
      <div className={classes.narrowTop}>
        <div className={classes.narrowTitle}>{title}</div>
        {mark}
        <div className={classes.narrowAside}>{aside}</div>
      </div>
      <div className={classes.narrowBottom}>
        <div className={classes.narrowDetail}>{detail}</div>
        {action}
      </div>
    </div>
  );
}
