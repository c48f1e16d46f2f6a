import { type LogSeverity, logSeverities } from '@holdfast/api';
import { Switch } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu, type FilterOption } from '../../shared/filters/filter-menu.tsx';
import { type Period, periods } from '../../shared/filters/period.ts';
import { SearchField } from '../../shared/filters/search-field.tsx';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Page } from '../../shared/page/page.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { DeviceFilter } from './components/device-filter.tsx';
import { GroupFilter } from './components/group-filter.tsx';
import { LogList } from './components/log-list.tsx';
import { logTypes, logTypeText } from './log-types.ts';
import type { LogsSearch } from './logs-search.ts';

/** What products report of themselves, of all devices. */
export function LogsPage() {
  const { t } = useTranslation(['logs', 'common']);
  const search = useSearch({ from: '/console/logs' });
  const navigate = useNavigate();
  const format = useFormat();
  const maySeeDevices = usePermission('directory:read');
  const [isFollowing, setFollowing] = useState(false);
  const set = (part: { [Name in keyof LogsSearch]?: LogsSearch[Name] | undefined }): void => {
    const merged = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    void navigate({ to: '/logs', search: Object.fromEntries(merged) });
  };
  const isFiltered = Object.keys(search).length > 0;
  const bound = (name: 'from' | 'to') => {
    const value = search[name];
    if (value === undefined) return null;
    return (
      <FilterMenu
        name={t(name)}
        value={value}
        options={[{ value, text: format.moment(Date.parse(value)) }]}
        onChange={() => set({ [name]: undefined })}
      />
    );
  };
  return (
    <Page layout="fill" title={t('title')} description={t('description')}>
      <FilterBar
        end={
          <Switch
            size="xs"
            label={t('follow')}
            title={t('followHelp')}
            checked={isFollowing}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
        }
      >
        <SearchField label={t('search')} value={search.search} onChange={(text) => set({ search: text })} />
        <FilterMenu<LogSeverity>
          name={t('severityAtLeast')}
          value={search.severity}
          options={logSeverities.map((value) => ({
            value,
            text: t('orMore', { severity: t(`severity.${value}`) }),
          }))}
          onChange={(severity) => set({ severity })}
        />
        <FilterMenu
          name={t('type')}
          value={search.type}
          options={typeOptions(search.type)}
          onChange={(type) => set({ type })}
        />
        <FilterMenu<Period>
          name={t('common:period.name')}
          value={search.period}
          options={periods.map((value) => ({ value, text: t(`common:period.${value}`) }))}
          onChange={(period) => set({ period, from: undefined, to: undefined })}
        />
        {bound('from')}
        {bound('to')}
        {maySeeDevices ? (
          <>
            <GroupFilter value={search.group} onChange={(group) => set({ group })} />
            <DeviceFilter value={search.device} onChange={(device) => set({ device })} />
          </>
        ) : null}
      </FilterBar>
      <LogList
        search={search}
        isFollowing={isFollowing}
        onClear={isFiltered ? () => void navigate({ to: '/logs', search: {} }) : undefined}
      />
    </Page>
  );
}

/** Types of agents; one of another product comes from the address. */
function typeOptions(chosen: string | undefined): readonly FilterOption<string>[] {
  const types = new Set<string>(logTypes);
  if (chosen !== undefined) types.add(chosen);
  return [...types]
    .map((type) => ({ value: type, text: logTypeText(type) }))
    .toSorted((first, second) => first.text.localeCompare(second.text));
}
