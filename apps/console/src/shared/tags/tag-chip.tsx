import type { TagColour } from '@holdfast/api';
import type { ReactNode } from 'react';
import classes from './tag-chip.module.css';

export interface TagChipProps {
  readonly name: string;
  readonly colour: TagColour;
  readonly title?: string | undefined;
  /** Behind the name, e.g. a cross. */
  readonly children?: ReactNode;
}

/** A tag: its name, and a dot of its colour that says nothing more. */
export function TagChip({ name, colour, title, children }: TagChipProps) {
  return (
    <span className={classes.chip} title={title === undefined || title === '' ? name : `${name}: ${title}`}>
      <TagDot colour={colour} />
      <span className={classes.name}>{name}</span>
      {children}
    </span>
  );
}

export interface TagDotProps {
  readonly colour: TagColour;
}

export function TagDot({ colour }: TagDotProps) {
  return <span className={classes.dot} data-colour={colour} aria-hidden="true" />;
}
