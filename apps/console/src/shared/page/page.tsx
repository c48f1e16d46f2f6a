import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './page.module.css';

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
  const { t } = useTranslation('common');
  useEffect(() => {
    document.title = `${title} · ${t('product')}`;
  }, [title, t]);
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
