import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SidePanel } from '../dialogs/side-panel.tsx';
import { CopyValue } from '../page/copy-value.tsx';
import { Facts } from '../page/facts.tsx';
import { EntryDetails } from './entry-details.tsx';
import classes from './entry-drawer.module.css';

export interface EntryDrawerProps<Entry> {
  readonly entry: Entry | undefined;
  readonly title: (entry: Entry) => string;
  /** Above the facts. */
  readonly lead?: (entry: Entry) => string;
  /** What every entry of this kind has; a list of `Fact`. */
  readonly facts: (entry: Entry) => ReactNode;
  readonly detailsTitle: string;
  /** What only entries like this one have. */
  readonly details: (entry: Entry) => Readonly<Record<string, unknown>>;
  /** Stands in place of the details where there are none; else there is nothing. */
  readonly noDetails?: string;
  readonly onClose: () => void;
}

/** Everything about one entry of a log, beside the list. */
export function EntryDrawer<Entry>(props: EntryDrawerProps<Entry>) {
  const { entry } = props;
  return (
    <SidePanel
      title={entry === undefined ? '' : props.title(entry)}
      isOpen={entry !== undefined}
      side="right"
      size={460}
      onClose={props.onClose}
    >
      {entry === undefined ? null : <EntryBody {...props} entry={entry} />}
    </SidePanel>
  );
}

type EntryBodyProps<Entry> = Omit<EntryDrawerProps<Entry>, 'entry' | 'title' | 'onClose'> & {
  readonly entry: Entry;
};

function EntryBody<Entry>({ entry, lead, facts, details, detailsTitle, noDetails }: EntryBodyProps<Entry>) {
  const { t } = useTranslation('common');
  const leadText = lead?.(entry) ?? '';
  return (
    <div className={classes.body}>
      {leadText === '' ? null : <p>{leadText}</p>}
      <Facts>{facts(entry)}</Facts>
      <EntryDetails title={detailsTitle} details={details(entry)} emptyText={noDetails} />
      <details className={classes.raw}>
        <summary>{t('entry.raw')}</summary>
        <CopyValue value={JSON.stringify(entry, null, 2)} what={t('entry.rawWhat')} isBlock />
      </details>
    </div>
  );
}
