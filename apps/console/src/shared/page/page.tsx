import type { ReactNode } from 'react';
import classes from './page.module.css';
import { useDocumentTitle } from './use-document-title.ts';

export interface PageProps {
  readonly title: string;
  /** Besides the heading: a state, a place. */
  readonly heading?: ReactNode;
  readonly description?: ReactNode;
  /** At most one of them is primary. */
  readonly actions?: ReactNode;
  /** `fill`: the page itself does not scroll, a list in it does. `wide` and `narrow` scroll as a whole. */
  readonly layout: 'fill' | 'wide' | 'narrow';
  readonly children: ReactNode;
}

export function Page({ title, heading, description, actions, layout, children }: PageProps) {
  useDocumentTitle(title);
  return (
    <div className={classes.page} data-layout={layout}>
      <div className={classes.inner}>
        <header className={classes.head}>
          <div className={classes.titles}>
            <h1 className={classes.title} tabIndex={-1} id="page-title">
              {title}
            </h1>
            {heading}
            {description === undefined ? null : <div className={classes.description}>{description}</div>}
          </div>
          {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}
