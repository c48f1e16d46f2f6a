import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NarrowRow } from '../table/cells.tsx';
import { DataTable } from '../table/data-table.tsx';
import type { TableColumn } from '../table/table-column.ts';
import { useFormat } from '../i18n/use-format.ts';

export interface EntryListProps<Entry> {
  readonly label: string;
  readonly entries: readonly Entry[];
  readonly entryId: (entry: Entry) => string;
  readonly entryName: (entry: Entry) => string;
  /** When it was recorded; newest first. */
  readonly entryAt: (entry: Entry) => string;
  readonly timeHeader: string;
  /** After the time. */
  readonly columns: readonly TableColumn<Entry>[];
  /** Beside the name where there is no room for columns. */
  readonly narrowAside?: (entry: Entry) => ReactNode;
  /** Below the name there, after the time. */
  readonly narrowDetail: (entry: Entry) => readonly string[];
  readonly pages: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetching' | 'fetchNextPage'>;
  /** Below the last entry, when there are more of them in a way of their own. */
  readonly foot?: ReactNode;
  /** In a page that scrolls as a whole. */
  readonly isEmbedded?: boolean;
  /** Beside the list: the one that is looked at. */
  readonly drawer: (open: Entry | undefined, close: () => void) => ReactNode;
}

/** Entries of a log, newest first, each of which opens beside the list. */
export function EntryList<Entry>(props: EntryListProps<Entry>) {
  const { entries, entryId, entryAt, pages } = props;
  const { t } = useTranslation('common');
  const format = useFormat();
  const [open, setOpen] = useState<Entry>();
  const momentOf = (entry: Entry): string => format.moment(Date.parse(entryAt(entry)));
  const time: TableColumn<Entry> = {
    id: 'time',
    header: props.timeHeader,
    minWidth: 176,
    weight: 0.1,
    cell: (entry) => (
      <time dateTime={entryAt(entry)} className="hf-soft" title={format.exact(Date.parse(entryAt(entry)))}>
        {momentOf(entry)}
      </time>
    ),
  };
  return (
    <>
      <DataTable
        label={props.label}
        isEmbedded={props.isEmbedded ?? false}
        columns={[time, ...props.columns]}
        rows={entries}
        rowId={entryId}
        rowName={props.entryName}
        narrowRow={(entry) => (
          <NarrowRow
            title={props.entryName(entry)}
            aside={props.narrowAside?.(entry)}
            detail={[momentOf(entry), ...props.narrowDetail(entry)].filter((part) => part !== '').join(' · ')}
          />
        )}
        activeId={open === undefined ? undefined : entryId(open)}
        onOpen={setOpen}
        onEndReached={() => {
          if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
        }}
        foot={
          props.foot ??
          (pages.hasNextPage ? t('table.loadingMore') : t('entry.end', { count: entries.length }))
        }
      />
      {props.drawer(open, () => setOpen(undefined))}
    </>
  );
}
