import type { ReactNode } from 'react';
import classes from './filter-menu.module.css';

export interface FilterBarProps {
  readonly children: ReactNode;
  /** At the far end: columns, export. */
  readonly end?: ReactNode;
}

export function FilterBar({ children, end }: FilterBarProps) {
  return (
    <div className={classes.bar}>
      {children}
      {end === undefined ? null : <div className={classes.end}>{end}</div>}
    </div>
  );
}
