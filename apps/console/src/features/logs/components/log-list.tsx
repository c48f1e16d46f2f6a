import type { LogRecord } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconArrowUp, IconFileText } from '../../../shared/icons/icons.ts';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EntryList } from '../../../shared/entries/entry-list.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState, NoMatch } from '../../../shared/page/states.tsx';
import { NameCell, TextCell } from '../../../shared/table/cells.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { logTypeText } from '../log-types.ts';
import type { LogsSearch } from '../logs-search.ts';
import { useFollowedLog } from '../use-followed-log.ts';
import { LogDrawer } from './log-drawer.tsx';
import { SeverityLabel } from './severity-label.tsx';

export interface LogListProps {
  readonly search: LogsSearch;
  /** New entries show at once. */
  readonly isFollowing?: boolean;
  /** Where filters can be cleared. */
  readonly onClear?: (() => void) | undefined;
  /** In the page of a device: its name need not stand in every line. */
  readonly isOfDevice?: boolean;
}

/** Log entries of devices, newest first, following the server. */
export function LogList({ search, isFollowing = false, onClear, isOfDevice = false }: LogListProps) {
  const { t } = useTranslation(['logs', 'common']);
  const format = useFormat();
  const { query, news, showNew } = useFollowedLog(search, isFollowing);
  const columns = useColumns(isOfDevice);
  return (
    <QueryView query={query}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.entries);
        const searchedTo = pages.at(-1)?.searchedTo ?? null;
        const more =
          query.hasNextPage && searchedTo !== null ? (
            <Button
              size="compact-sm"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('more', { time: format.moment(Date.parse(searchedTo)) })}
            </Button>
          ) : null;
        const banner =
          news === 'none' ? null : (
            <div>
              <Button
                size="compact-sm"
                variant="light"
                mb={8}
                leftSection={<IconArrowUp size={14} />}
                onClick={showNew}
              >
                {news === 'some' ? t('newSome') : t('newOnes', { count: news })}
              </Button>
            </div>
          );
        if (entries.length === 0) {
          return (
            <>
              {banner}
              {onClear === undefined ? (
                <EmptyState
                  icon={<IconFileText size={28} stroke={1.5} />}
                  title={isOfDevice ? t('emptyDeviceTitle') : t('emptyTitle')}
                  text={t('emptyText')}
                  action={more}
                />
              ) : more === null ? (
                <NoMatch title={t('noMatch')} onClear={onClear} />
              ) : (
                <EmptyState
                  icon={<IconFileText size={28} stroke={1.5} />}
                  title={t('noneYetTitle')}
                  text={t('noneYetText')}
                  action={more}
                />
              )}
            </>
          );
        }
        return (
          <>
            {banner}
            <EntryList
              label={t('list')}
              entries={entries}
              entryId={(entry) => String(entry.id)}
              entryName={textOf}
              entryAt={(entry) => entry.receivedAt}
              timeHeader={t('column.time')}
              columns={columns}
              narrowAside={(entry) => <SeverityLabel severity={entry.severity} />}
              narrowDetail={(entry) =>
                isOfDevice
                  ? []
                  : [
                      entry.deviceName,
                      ...(entry.deviceDistinction === undefined ? [] : [entry.deviceDistinction]),
                    ]
              }
              pages={query}
              foot={more ?? undefined}
              isEmbedded={isOfDevice}
              drawer={(open, close) => <LogDrawer entry={open} onClose={close} />}
            />
          </>
        );
      }}
    </QueryView>
  );
}

function textOf(entry: LogRecord): string {
  return entry.text === '' ? logTypeText(entry.type) : entry.text;
}

function useColumns(isOfDevice: boolean): readonly TableColumn<LogRecord>[] {
  const { t } = useTranslation('logs');
  const device: TableColumn<LogRecord> = {
    id: 'device',
    header: t('column.device'),
    minWidth: 150,
    weight: 1,
    cell: (entry) => (
      <NameCell note={entry.deviceDistinction}>
        {entry.deviceId === null ? (
          entry.deviceName
        ) : (
          <Link to="/devices/$deviceId" params={{ deviceId: entry.deviceId }} tabIndex={-1} preload={false}>
            {entry.deviceName}
          </Link>
        )}
      </NameCell>
    ),
  };
  return [
    {
      id: 'severity',
      header: t('column.severity'),
      minWidth: 100,
      weight: 0.5,
      cell: (entry) => <SeverityLabel severity={entry.severity} />,
    },
    ...(isOfDevice ? [] : [device]),
    {
      id: 'text',
      header: t('column.text'),
      minWidth: 220,
      weight: 3,
      cell: (entry) => <TextCell text={textOf(entry)} />,
    },
    {
      id: 'type',
      header: t('column.type'),
      minWidth: 150,
      weight: 1,
      cell: (entry) => <TextCell text={logTypeText(entry.type)} isSoft />,
    },
  ];
}
