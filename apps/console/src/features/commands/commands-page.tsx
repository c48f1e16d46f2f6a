import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../shared/filters/filter-menu.tsx';
import { Page } from '../../shared/page/page.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { commandTypesQuery } from './api/command-types-query.ts';
import { commandProgresses, type CommandsSearch } from './commands-search.ts';
import { CommandList } from './components/command-list.tsx';

export function CommandsPage() {
  const { t } = useTranslation('commands');
  const search = useSearch({ from: '/console/commands' });
  const navigate = useNavigate();
  const openDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const types = useQuery(commandTypesQuery(useApi())).data ?? [];
  const go = (next: CommandsSearch): void => void navigate({ to: '/commands', search: next });
  const isFiltered = search.progress !== undefined || search.type !== undefined;
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
          onChange={(progress) => {
            const { progress: _progress, ...rest } = search;
            go(progress === undefined ? rest : { ...rest, progress });
          }}
        />
        <FilterMenu
          name={t('type')}
          value={search.type}
          options={types.map((type) => ({ value: type.type, text: type.title }))}
          onChange={(type) => {
            const { type: _type, ...rest } = search;
            go(type === undefined ? rest : { ...rest, type });
          }}
        />
      </FilterBar>
      <CommandList filter={search} onClear={isFiltered ? () => go({}) : undefined} />
    </Page>
  );
}
