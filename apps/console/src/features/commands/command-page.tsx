import {
  ApiError,
  cancelCommand,
  type Command,
  type CommandState,
  commandStates,
  type CommandTarget,
} from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconTerminal2 } from '../../shared/icons/icons.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ConfirmDialog } from '../../shared/dialogs/confirm-dialog.tsx';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../shared/filters/filter-menu.tsx';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { commandQuery } from './api/command-query.ts';
import { targetsKey } from './api/command-targets-query.ts';
import { cancelledText } from './cancelled-text.ts';
import { progressOf } from './command-progress.ts';
import classes from './command-page.module.css';
import type { CommandSearch } from './commands-search.ts';
import { AgainButton } from './components/again-button.tsx';
import { CommandBar } from './components/command-bar.tsx';
import { CommandRelations } from './components/command-relations.tsx';
import { RetryButton } from './components/retry-button.tsx';
import { SingleTarget } from './components/single-target.tsx';
import { TargetDrawer } from './components/target-drawer.tsx';
import { TargetTable } from './components/target-table.tsx';
import { useCommand } from './use-command.ts';

export function CommandPage() {
  const { t } = useTranslation('commands');
  const { commandId } = useParams({ from: '/console/commands/$commandId' });
  const search = useSearch({ from: '/console/commands/$commandId' });
  const { command: query, targets, changedIds } = useCommand(commandId, search.state);
  if (query.data === undefined && query.error instanceof ApiError && query.error.status === 404) {
    return (
      <EmptyState
        icon={<IconTerminal2 size={28} stroke={1.5} />}
        isPage
        title={t('detail.notFoundTitle')}
        text={t('detail.notFoundText')}
      />
    );
  }
  return (
    <QueryView query={query} isPage>
      {(command) => {
        const isSingle = command.counts.total === 1 && search.state === undefined;
        const shown = (targets.data?.pages ?? []).flatMap((page) => page.targets);
        const only = shown[0];
        return (
          <Page
            layout={isSingle ? 'narrow' : 'fill'}
            title={command.title}
            description={<CommandFacts command={command} />}
            actions={
              <>
                <RetryButton command={command} />
                {isSingle && only !== undefined ? <AgainButton command={command} target={only} /> : null}
                <CancelButton command={command} only={command.counts.total === 1 ? only : undefined} />
              </>
            }
          >
            <div className={classes.bar}>
              <CommandBar counts={command.counts} />
            </div>
            {isSingle ? (
              <QueryView query={targets}>
                {() =>
                  only === undefined ? null : <SingleTarget target={only} commandType={command.type} />
                }
              </QueryView>
            ) : (
              <CommandTargets
                command={command}
                search={search}
                list={targets}
                targets={shown}
                changedIds={changedIds}
              />
            )}
          </Page>
        );
      }}
    </QueryView>
  );
}

interface CommandFactsProps {
  readonly command: Command;
}

function CommandFacts({ command }: CommandFactsProps) {
  const { t } = useTranslation('commands');
  const { isFinished } = progressOf(command.counts);
  return (
    <span className={classes.facts}>
      <span>{t('detail.for', { target: command.target })}</span>
      <span>
        {t('column.issued').toLocaleLowerCase()} <RelativeTimeLabel at={command.issuedAt} />{' '}
        {t('issuedBy', { name: command.issuedBy })}
      </span>
      {isFinished ? null : (
        <span>
          {t('detail.expires', { ago: '' })}
          <RelativeTimeLabel at={command.expiresAt} />
        </span>
      )}
      <CommandRelations command={command} />
    </span>
  );
}

interface CancelButtonProps extends CommandFactsProps {
  /** The only target, once it is known. */
  readonly only: CommandTarget | undefined;
}

function CancelButton({ command, only }: CancelButtonProps) {
  const { t } = useTranslation('commands');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const mayIssue = usePermission('commands:issue');
  const [isAsking, setAsking] = useState(false);
  const { notBegun, begun } = progressOf(command.counts);
  if (!mayIssue || notBegun + begun === 0 || only?.canCancel === false) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('detail.cancel')}
      </Button>
      {isAsking ? (
        <ConfirmDialog
          title={t('detail.cancelTitle', { title: command.title })}
          confirmText={t('detail.cancel')}
          cancelText={t('detail.keep')}
          isDangerous
          onConfirm={async () => {
            const cancelled = await api.call(cancelCommand, { params: { commandId: command.id } });
            queryClient.setQueryData(commandQuery(api, command.id).queryKey, cancelled);
            await queryClient.invalidateQueries({ queryKey: [targetsKey, command.id] });
            setAsking(false);
            notify.success(cancelledText(t, cancelled));
          }}
          onClose={() => setAsking(false)}
        >
          {notBegun === 0 ? null : <p>{t('cancelling.notBegun', { count: notBegun })}</p>}
          {begun === 0 ? null : <p>{t('cancelling.begun', { count: begun })}</p>}
          <p>{t('cancelling.done')}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}

interface CommandTargetsProps {
  readonly command: Command;
  readonly search: CommandSearch;
  readonly list: ReturnType<typeof useCommand>['targets'];
  readonly targets: Parameters<typeof TargetTable>[0]['targets'];
  readonly changedIds: ReadonlySet<string>;
}

function CommandTargets({ command, search, list, targets, changedIds }: CommandTargetsProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  const navigate = useNavigate();
  const go = (next: CommandSearch): void =>
    void navigate({
      to: '/commands/$commandId',
      params: { commandId: command.id },
      search: next,
      replace: true,
    });
  const states = commandStates.filter((state) => command.counts[state] > 0 || state === search.state);
  const open = targets.find((target) => target.id === search.target);
  const setState = (state: CommandState | undefined): void => go(state === undefined ? {} : { state });
  return (
    <>
      <FilterBar>
        <FilterMenu
          name={t('detail.filter')}
          value={search.state}
          options={states.map((state) => ({
            value: state,
            text: t(`state.${state}`),
            count: format.count(command.counts[state]),
          }))}
          onChange={setState}
        />
      </FilterBar>
      <QueryView query={list}>
        {() => (
          <TargetTable
            targets={targets}
            totalCount={search.state === undefined ? command.counts.total : command.counts[search.state]}
            changedIds={changedIds}
            activeId={search.target}
            hasMore={list.hasNextPage}
            onOpen={(target) => go({ ...search, target: target.id })}
            onClear={() => setState(undefined)}
            onEndReached={() => {
              if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
            }}
          />
        )}
      </QueryView>
      <TargetDrawer
        target={open}
        commandType={command.type}
        onClose={() => {
          const { target: _target, ...rest } = search;
          go(rest);
        }}
      />
    </>
  );
}
