import type { ReactNode } from 'react';
import classes from './facts.module.css';

export interface FactsProps {
  readonly children: ReactNode;
}

/** Name and value, line by line. */
export function Facts({ children }: FactsProps) {
  return <dl className={classes.facts}>{children}</dl>;
}

export interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
}

export function Fact({ name, children }: FactProps) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
