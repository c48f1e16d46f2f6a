import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../../../shared/brand/logo.tsx';
import { useDocumentTitle } from '../../../shared/page/use-document-title.ts';
import classes from './entry-card.module.css';

export interface EntryCardProps {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of the pages that one sees before being signed in. */
export function EntryCard({ title, text, children }: EntryCardProps) {
  const { t } = useTranslation('common');
  useDocumentTitle(title);
  return (
    <main className={classes.frame}>
      <div className={classes.panel}>
        <div className={classes.brand}>
          <Logo size={36} />
          <span>{t('product')}</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        {text === undefined ? null : <div className={classes.text}>{text}</div>}
        <div className={classes.body}>{children}</div>
      </div>
    </main>
  );
}
