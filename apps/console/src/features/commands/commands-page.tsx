import { type CommandState, commandStates } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../shared/filters/filter-menu.tsx';
import { type Period, periods } from '../../shared/filters/period.ts';
import { Page } from '../../shared/page/page.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { commandTypesQuery } from './api/command-types-query.ts';
import { commandProgresses, type CommandsSearch } from './commands-search.ts';
import { CommandList } from './components/command-list.tsx';
import { useCommandIssuers } from './use-command-issuers.ts';

export function CommandsPage() {
  const { t } = useTranslation(['commands', 'common']);
  const search = useSearch({ from: '/console/commands' });
  const navigate = useNavigate();
  const openDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const api = useApi();
  const types = useQuery(commandTypesQuery(api)).data ?? [];
  const issuers = useCommandIssuers();
  const go = (next: CommandsSearch): void => void navigate({ to: '/commands', search: next });
  const set = (part: { [Name in keyof CommandsSearch]?: CommandsSearch[Name] | undefined }): void => {
    const merged = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    go(Object.fromEntries(merged));
  };
  const isFiltered = Object.keys(search).length > 0;
  // One who has issued nothing may stand in the address all the same.
  const names = search.by === undefined ? issuers : [...new Set([...issuers, search.by])];
  return (
    <Page
      layout="fill"
      title={t('title')}
      description={t('description')}
      actions={
        mayIssue ? (
          <Button onClick={() => openDialog({ kind: 'issue-command', aim: undefined })}>{t('issue')}</Button>
        ) : undefined
      }
    >
      <FilterBar>
        <FilterMenu
          name={t('progress.name')}
          value={search.progress}
          options={commandProgresses.map((value) => ({ value, text: t(`progress.${value}`) }))}
          onChange={(progress) => set({ progress })}
        />
        <FilterMenu
          name={t('type')}
          value={search.type}
          options={types.map((type) => ({ value: type.type, text: type.title }))}
          onChange={(type) => set({ type })}
        />
        <FilterMenu<CommandState>
          name={t('detail.state')}
          value={search.state}
          options={commandStates.map((value) => ({ value, text: t(`anyIn.${value}`) }))}
          onChange={(state) => set({ state })}
        />
        <FilterMenu
          name={t('issuer')}
          value={search.by}
          options={names.map((value) => ({ value, text: value }))}
          onChange={(by) => set({ by })}
        />
        <FilterMenu<Period>
          name={t('common:period.name')}
          value={search.period}
          options={periods.map((value) => ({ value, text: t(`common:period.${value}`) }))}
          onChange={(period) => set({ period })}
        />
      </FilterBar>
      <CommandList filter={search} onClear={isFiltered ? () => go({}) : undefined} />
    </Page>
  );
}
