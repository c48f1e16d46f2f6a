import { auditActions, auditActionText, auditActorKinds } from '@holdfast/api';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu, type FilterOption } from '../../shared/filters/filter-menu.tsx';
import { SearchField } from '../../shared/filters/search-field.tsx';
import { Page } from '../../shared/page/page.tsx';
import type { AuditFilter } from './api/audit-query.ts';
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
  const { object, actor, by, ...rest } = search;
  const filter: AuditFilter = {
    ...rest,
    ...(object === undefined ? {} : { objectId: object }),
    ...(actor === undefined ? {} : { actorKind: actor }),
    ...(by === undefined ? {} : { actorName: by }),
  };
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page layout="fill" title={t('title')} description={t('description')}>
      <FilterBar>
        <SearchField label={t('search')} value={search.search} onChange={(text) => set({ search: text })} />
        <FilterMenu
          name={t('action')}
          value={search.action}
          options={actionOptions(search.action)}
          onChange={(action) => set({ action })}
        />
        <FilterMenu
          name={t('actorKind')}
          value={actor}
          options={auditActorKinds.map((kind) => ({ value: kind, text: t(`actor.${kind}`) }))}
          onChange={(kind) => set({ actor: kind })}
        />
        <FilterMenu
          name={t('period')}
          value={search.period}
          options={auditPeriods.map((period) => ({ value: period, text: t(`periods.${period}`) }))}
          onChange={(period) => set({ period })}
        />
        {by === undefined ? null : (
          <FilterMenu
            name={t('actorName')}
            value={by}
            options={[{ value: by, text: by }]}
            onChange={() => set({ by: undefined })}
          />
        )}
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

/** Every action there is, by its words; one that only a newer server knows comes from the address. */
function actionOptions(chosen: string | undefined): readonly FilterOption<string>[] {
  const actions = new Set<string>(auditActions);
  if (chosen !== undefined) actions.add(chosen);
  return [...actions]
    .map((action) => ({ value: action, text: auditActionText(action) }))
    .toSorted((first, second) => first.text.localeCompare(second.text));
}
