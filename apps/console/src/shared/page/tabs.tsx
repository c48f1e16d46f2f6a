import { Link, type LinkOptions } from '@tanstack/react-router';
import classes from './tabs.module.css';

export interface Tab {
  readonly id: string;
  readonly text: string;
  readonly link: LinkOptions;
  readonly isExact?: boolean;
  readonly count?: string | undefined;
}

export interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
}

/** Views of one thing, each with an address of its own. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          {...tab.link}
          className={classes.tab}
          activeOptions={{ exact: tab.isExact ?? false, includeSearch: false }}
          replace
        >
          {tab.text}
          {tab.count === undefined ? null : <span className={classes.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
