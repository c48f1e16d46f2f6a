import { deviceEncryptionStates, deviceFields, platforms } from '@holdfast/api';
import { Button, Switch } from '@mantine/core';
import { useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { IconArrowUp } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FilterBar } from '../../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../../shared/filters/filter-menu.tsx';
import { SearchField } from '../../../shared/filters/search-field.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { QueryError } from '../../../shared/page/query-view.tsx';
import { StaleNotice } from '../../../shared/page/stale-notice.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { useTags } from '../../../shared/tags/tags-query.ts';
import { emptySelection, isEmptySelection, type Selection } from '../../../shared/table/selection.ts';
import { agentVersions, countOfEncryption } from '../api/summary-counts.ts';
import { summaryQuery } from '../api/summary-query.ts';
import { type DeviceColumn, firstColumns, parseColumns } from '../device-columns.ts';
import {
  type DirectorySearch,
  isNarrowed,
  joinTags,
  nextSort,
  splitTags,
  toDeviceFilter,
  withoutFilters,
} from '../directory-search.ts';
import { useDeviceList } from '../use-device-list.ts';
import { useListPlace } from '../use-list-place.ts';
import { readView } from '../saved-views.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import classes from './device-list-view.module.css';
import { DeviceTable } from './device-table.tsx';
import { DirectoryEmpty } from './directory-empty.tsx';
import { ExportMenu } from './export-menu.tsx';
import { FieldFilters } from './field-filters.tsx';
import { StatusStrip } from './status-strip.tsx';
import { TagFilter } from './tag-filter.tsx';
import { ViewMenu } from './view-menu.tsx';

/** Windows in which the columns of model and owner fit beside navigation, groups and the others. */
const roomy = '(min-width: 1760px)';

export interface DeviceListViewProps {
  readonly search: DirectorySearch;
  readonly onChange: (search: DirectorySearch) => void;
}

/** The device list with all that narrows, orders and acts on it. */
export function DeviceListView({ search, onChange }: DeviceListViewProps) {
  const { t } = useTranslation(['directory', 'common']);
  const format = useFormat();
  const mayIssue = usePermission('commands:issue');
  const mayEdit = usePermission('directory:edit');
  const filter = toDeviceFilter(search);
  const sort = { by: search.sort ?? 'name', order: search.order ?? 'ascending' } as const;
  const list = useDeviceList(filter, { sort: sort.by, order: sort.order });
  const summary = useQuery(summaryQuery(useApi(), search.group)).data;
  const tags = useTags();
  const [columns, setColumns] = useColumns(tags.length > 0);
  const [selection, setSelection] = useSelection(JSON.stringify(filter));
  const place = useListPlace(search);
  const { query, devices, count } = list;
  const totalCount = count?.value ?? devices.length;
  const set = (part: Partial<Record<keyof DirectorySearch, string | undefined>>): void =>
    onChange(dropUndefined({ ...search, ...part }));

  return (
    <>
      {summary === undefined ? null : (
        <StatusStrip
          total={summary.deviceCount}
          byStatus={summary.byStatus}
          value={search.status}
          onChange={(status) => set({ status })}
        />
      )}
      {isEmptySelection(selection) ? (
        <FilterBar
          end={
            <>
              {list.newCount === 0 ? null : (
                <Button
                  size="compact-sm"
                  variant="light"
                  leftSection={<IconArrowUp size={14} />}
                  onClick={list.showNew}
                >
                  {t('list.newOnes', { count: list.newCount })}
                </Button>
              )}
              <ViewMenu
                search={search}
                columns={columns}
                onOpen={(view) => {
                  const shown = readView(view);
                  setColumns(shown.columns);
                  onChange(shown.search);
                }}
              />
              <ColumnChooser columns={columns} onChange={setColumns} onReset={() => setColumns(undefined)} />
              <ExportMenu filter={filter} />
            </>
          }
        >
          <SearchField
            label={t('list.search')}
            value={search.search}
            onChange={(text) => set({ search: text })}
          />
          <FilterMenu
            name={t('list.platform')}
            value={search.platform}
            options={platforms
              .filter((platform) => (summary?.byPlatform[platform] ?? 0) > 0 || platform === search.platform)
              .map((platform) => ({
                value: platform,
                text: t(`common:platform.${platform}`),
                count: format.count(summary?.byPlatform[platform] ?? 0),
              }))}
            onChange={(platform) => set({ platform })}
          />
          <FilterMenu
            name={t('list.encryption')}
            value={search.encryption}
            options={deviceEncryptionStates.map((state) => ({
              value: state,
              text: t(`common:encryption.${state}`),
              count: summary === undefined ? undefined : format.count(countOfEncryption(summary, state)),
            }))}
            onChange={(encryption) => set({ encryption })}
          />
          <FilterMenu
            name={t('list.agent')}
            value={search.agent}
            options={agentVersions(summary, search.agent).map(({ version, count: versionCount }) => ({
              value: version,
              text: version,
              count: versionCount === undefined ? undefined : format.count(versionCount),
            }))}
            onChange={(agent) => set({ agent })}
          />
          {tags.length === 0 && search.tag === undefined && search.withoutTag === undefined ? null : (
            <TagFilter
              tags={tags}
              chosen={{ having: splitTags(search.tag), without: splitTags(search.withoutTag) }}
              onChange={({ having, without }) =>
                set({ tag: joinTags(having), withoutTag: joinTags(without) })
              }
            />
          )}
          <FieldFilters
            search={search}
            onChange={(name, value) => set({ [deviceFields[name].word]: value })}
          />
          {search.group === undefined ? null : (
            <Switch
              size="xs"
              label={t('groups.withBelow')}
              checked={search.below !== 'no'}
              onChange={(event) => set({ below: event.currentTarget.checked ? undefined : 'no' })}
            />
          )}
        </FilterBar>
      ) : (
        <BulkBar
          selection={selection}
          devices={devices}
          filter={filter}
          totalCount={totalCount}
          onSelect={setSelection}
        />
      )}
      {query.isError && devices.length > 0 ? (
        <StaleNotice updatedAtMs={query.dataUpdatedAt} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data === undefined ? (
        query.error === null ? (
          <LoadingState lines={12} />
        ) : (
          <QueryError error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : devices.length === 0 ? (
        <DirectoryEmpty
          isNarrowed={isNarrowed(search)}
          groupId={search.group}
          onClear={() => onChange(withoutFilters(search))}
        />
      ) : (
        <div className={classes.body} data-old={query.isPlaceholderData || undefined}>
          <DeviceTable
            devices={devices}
            columns={columns}
            totalCount={totalCount}
            sort={sort}
            onSort={(by) => onChange(nextSort(search, by))}
            selection={mayIssue || mayEdit ? selection : undefined}
            onSelect={setSelection}
            changedIds={list.changedIds}
            onEndReached={() => {
              if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
            }}
            onVisible={list.onVisible}
            firstOffset={place.firstOffset}
            onScroll={place.onScroll}
            foot={
              <ListFoot
                isLoadingMore={query.isFetchingNextPage}
                hasMore={query.hasNextPage}
                total={totalCount}
              />
            }
          />
        </div>
      )}
    </>
  );
}

interface ListFootProps {
  readonly isLoadingMore: boolean;
  readonly hasMore: boolean;
  readonly total: number;
}

function ListFoot({ isLoadingMore, hasMore, total }: ListFootProps) {
  const { t } = useTranslation(['directory', 'common']);
  if (isLoadingMore || hasMore) return <span role="status">{t('common:table.loadingMore')}</span>;
  return <span>{t('list.end', { count: total })}</span>;
}

function useColumns(
  hasTags: boolean,
): [readonly DeviceColumn[], (columns: readonly DeviceColumn[] | undefined) => void] {
  const [stored, setStored, forget] = useLocalStorage<readonly string[] | undefined>({
    key: 'holdfast.device-columns',
    getInitialValueInEffect: false,
  });
  const isRoomy = useMediaQuery(roomy, false, { getInitialValueInEffect: false });
  const columns = stored === undefined ? firstColumns(hasTags, isRoomy) : parseColumns(stored);
  return [columns, (chosen) => (chosen === undefined ? forget() : setStored(chosen))];
}

/** Chosen rows belong to one filter: another filter begins with none. */
function useSelection(filterText: string): [Selection, (selection: Selection) => void] {
  const [selection, setSelection] = useState<Selection>(emptySelection);
  const [known, setKnown] = useState(filterText);
  if (known !== filterText) {
    setKnown(filterText);
    setSelection(emptySelection);
  }
  return [selection, setSelection];
}

function dropUndefined(search: Partial<Record<keyof DirectorySearch, string | undefined>>): DirectorySearch {
  // Every value came from the closed set of its own filter.
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined),
  ) as DirectorySearch;
}
