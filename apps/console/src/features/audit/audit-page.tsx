import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../shared/filters/filter-menu.tsx';
import { SearchField } from '../../shared/filters/search-field.tsx';
import { Page } from '../../shared/page/page.tsx';
import { actionText } from './action-text.ts';
import type { AuditFilter, AuditPages } from './api/audit-query.ts';
import { auditPeriods, type AuditSearch } from './audit-search.ts';
import { AuditList } from './components/audit-list.tsx';

export function AuditPage() {
  const { t } = useTranslation('audit');
  const search = useSearch({ from: '/console/audit-log' });
  const navigate = useNavigate();
  const set = (part: { [Name in keyof AuditSearch]?: AuditSearch[Name] | undefined }): void => {
    const merged = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    void navigate({ to: '/audit-log', search: Object.fromEntries(merged) });
  };
  const { object, ...rest } = search;
  const filter: AuditFilter = { ...rest, ...(object === undefined ? {} : { objectId: object }) };
  const isFiltered = Object.keys(search).length > 0;
  const actions = useKnownActions(search.action);
  return (
    <Page layout="fill" title={t('title')} description={t('description')}>
      <FilterBar>
        <SearchField label={t('search')} value={search.search} onChange={(text) => set({ search: text })} />
        <FilterMenu
          name={t('action')}
          value={search.action}
          options={actions.map((action) => ({ value: action, text: actionText(action) }))}
          onChange={(action) => set({ action })}
        />
        <FilterMenu
          name={t('period')}
          value={search.period}
          options={auditPeriods.map((period) => ({ value: period, text: t(`periods.${period}`) }))}
          onChange={(period) => set({ period })}
        />
        {object === undefined ? null : (
          <FilterMenu
            name={t('object')}
            value={object}
            options={[{ value: object, text: t('thisObject') }]}
            onChange={() => set({ object: undefined })}
          />
        )}
      </FilterBar>
      <AuditList
        filter={filter}
        onClear={isFiltered ? () => void navigate({ to: '/audit-log', search: {} }) : undefined}
      />
    </Page>
  );
}

/** Actions that were seen in any list so far, so that the menu offers what there is. */
function useKnownActions(chosen: string | undefined): readonly string[] {
  const queryClient = useQueryClient();
  const actions = new Set(chosen === undefined ? [] : [chosen]);
  for (const [, pages] of queryClient.getQueriesData<AuditPages>({ queryKey: ['audit'] })) {
    for (const page of pages?.pages ?? []) for (const entry of page.entries) actions.add(entry.action);
  }
  return [...actions].toSorted();
}
