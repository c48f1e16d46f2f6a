import type { Command, LiveEvent } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconArrowUp, IconTerminal2 } from '../../../shared/icons/icons.ts';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../../shared/api/services.ts';
import { useLiveEvents } from '../../../shared/live/use-live-events.ts';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState, NoMatch } from '../../../shared/page/states.tsx';
import { NameCell, NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { useChangedRows } from '../../../shared/table/use-changed-rows.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { type CommandFilter, commandListQuery } from '../api/command-list-query.ts';
import { progressOf } from '../command-progress.ts';
import { CommandBar } from './command-bar.tsx';
import { DeviceCommandProgress } from './device-command-progress.tsx';
import { UrgentMark } from './urgent-mark.tsx';

export interface CommandListProps {
  readonly filter: CommandFilter;
  /** Where filters can be cleared. */
  readonly onClear?: (() => void) | undefined;
  readonly emptyAction?: ReactNode;
}

type CommandPages = InfiniteData<{ commands: Command[]; nextCursor: string | null }, string | null>;

/** Command Tracking, newest first, following the server. */
export function CommandList({ filter, onClear, emptyAction }: CommandListProps) {
  const { t } = useTranslation(['commands', 'common']);
  const navigate = useNavigate();
  const list = useFollowedCommands(filter);
  const columns = useColumns(filter.deviceId);
  const isOfDevice = filter.deviceId !== undefined;
  return (
    <QueryView query={list.query}>
      {({ pages }) => {
        const commands = pages.flatMap((page) => page.commands);
        if (commands.length === 0) {
          return onClear === undefined ? (
            <EmptyState
              icon={<IconTerminal2 size={28} stroke={1.5} />}
              title={isOfDevice ? t('emptyDeviceTitle') : t('emptyTitle')}
              text={t('emptyText')}
              action={emptyAction}
            />
          ) : (
            <NoMatch title={t('noMatch')} onClear={onClear} />
          );
        }
        return (
          <>
            {list.newIds.size === 0 ? null : (
              <div>
                <Button
                  size="compact-sm"
                  variant="light"
                  mb={8}
                  leftSection={<IconArrowUp size={14} />}
                  onClick={list.showNew}
                >
                  {t('newOnes', { count: list.newIds.size })}
                </Button>
              </div>
            )}
            <DataTable
              label={t('list')}
              isEmbedded={isOfDevice}
              columns={columns}
              rows={commands}
              rowId={(command) => command.id}
              rowName={(command) => command.title}
              rowHeight={44}
              narrowRowHeight={82}
              narrowRow={(command) => (
                <>
                  <NarrowRow
                    title={<CommandName command={command} />}
                    aside={<RelativeTimeLabel at={command.issuedAt} className="hf-soft" />}
                    detail={`${command.target} · ${t('issuedBy', { name: command.issuedBy })}`}
                  />
                  <Progress command={command} deviceId={filter.deviceId} />
                </>
              )}
              changedIds={list.changedIds}
              onOpen={(command) =>
                void navigate({ to: '/commands/$commandId', params: { commandId: command.id } })
              }
              onEndReached={() => {
                if (list.query.hasNextPage && !list.query.isFetching) void list.query.fetchNextPage();
              }}
              foot={
                list.query.hasNextPage ? t('common:table.loadingMore') : t('end', { count: commands.length })
              }
            />
          </>
        );
      }}
    </QueryView>
  );
}

function useColumns(deviceId: string | undefined): readonly TableColumn<Command>[] {
  const { t } = useTranslation('commands');
  return [
    {
      id: 'command',
      header: t('column.command'),
      minWidth: 160,
      weight: 1.2,
      cell: (command) => (
        <NameCell>
          <CommandName command={command} />
        </NameCell>
      ),
    },
    {
      id: 'target',
      header: t('column.target'),
      minWidth: 160,
      weight: 1.3,
      cell: (command) => <TextCell text={command.target} />,
    },
    {
      id: 'issued',
      header: t('column.issued'),
      minWidth: 170,
      weight: 1,
      cell: (command) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={command.issuedAt} /> {t('issuedBy', { name: command.issuedBy })}
        </span>
      ),
    },
    {
      id: 'progress',
      header: t('column.progress'),
      minWidth: 280,
      weight: 2,
      cell: (command) => <Progress command={command} deviceId={deviceId} />,
    },
  ];
}

interface ProgressProps {
  readonly command: Command;
  /** Set where the list is about one device. */
  readonly deviceId: string | undefined;
}

function Progress({ command, deviceId }: ProgressProps) {
  return deviceId === undefined ? (
    <CommandBar counts={command.counts} />
  ) : (
    <DeviceCommandProgress command={command} deviceId={deviceId} />
  );
}

function CommandName({ command }: CommandLinkProps) {
  return (
    <>
      <CommandLink command={command} />
      {command.isUrgent ? (
        <>
          {' '}
          <UrgentMark />
        </>
      ) : null}
    </>
  );
}

interface CommandLinkProps {
  readonly command: Command;
}

function CommandLink({ command }: CommandLinkProps) {
  return (
    <Link to="/commands/$commandId" params={{ commandId: command.id }} tabIndex={-1} preload={false}>
      {command.title}
    </Link>
  );
}

function useFollowedCommands(filter: CommandFilter) {
  const queryClient = useQueryClient();
  const { api, ticker } = useServices();
  const options = commandListQuery(api, filter, ticker.now);
  const query = useInfiniteQuery(options);
  const { changedIds, mark } = useChangedRows();
  const [newIds, setNewIds] = useState<ReadonlySet<string>>(new Set());
  useLiveEvents((events) => {
    const commands = commandsOf(events);
    const pages = queryClient.getQueryData<CommandPages>(options.queryKey);
    if (commands.size === 0 || pages === undefined) return;
    const known = new Set(pages.pages.flatMap((page) => page.commands.map((command) => command.id)));
    queryClient.setQueryData<CommandPages>(options.queryKey, {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        commands: page.commands.map((command) => commands.get(command.id) ?? command),
      })),
    });
    const ended = [...commands.values()].filter((command) => progressOf(command.counts).isFinished);
    mark(ended.map((command) => command.id).filter((id) => known.has(id)));
    // Whether a new one fits the other filters, only the server knows.
    const isPlain = Object.keys(filter).every((name) => name === 'period');
    const unknown = [...commands.keys()].filter((id) => !known.has(id));
    if (isPlain && unknown.length > 0) setNewIds((before) => new Set([...before, ...unknown]));
    // Whether a new command concerns this device, only the server knows.
    if (filter.deviceId !== undefined && unknown.length > 0) {
      void queryClient.invalidateQueries({ queryKey: options.queryKey });
    }
  });
  const loaded = new Set(
    (query.data?.pages ?? []).flatMap((page) => page.commands.map((command) => command.id)),
  );
  return {
    query,
    changedIds,
    newIds: new Set([...newIds].filter((id) => !loaded.has(id))),
    showNew: () => {
      setNewIds(new Set());
      void queryClient.invalidateQueries({ queryKey: options.queryKey });
    },
  };
}

function commandsOf(events: readonly LiveEvent[]): ReadonlyMap<string, Command> {
  return new Map(
    events.flatMap((event) => (event.type === 'command' ? [[event.command.id, event.command]] : [])),
  );
}
