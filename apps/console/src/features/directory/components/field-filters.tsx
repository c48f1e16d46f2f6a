import {
  type ApiClient,
  definitionOf,
  deviceFields,
  type FilteredField,
  listDeviceValues,
} from '@holdfast/api';
import { Button, Menu } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FilterMenu } from '../../../shared/filters/filter-menu.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { IconPlus } from '../../../shared/icons/icons.ts';
import { type DirectorySearch, type PlainFilter, plainFilters } from '../directory-search.ts';

export interface FieldFiltersProps {
  readonly search: DirectorySearch;
  readonly onChange: (name: PlainFilter, value: string | undefined) => void;
}

/** The filters by plain fields that are on, and a menu of those that are not. */
export function FieldFilters({ search, onChange }: FieldFiltersProps) {
  const { t } = useTranslation('directory');
  const [asked, setAsked] = useState<PlainFilter>();
  const valueOf = (name: PlainFilter): string | undefined => search[deviceFields[name].word];
  const shown = plainFilters.filter((name) => name === asked || valueOf(name) !== undefined);
  const others = plainFilters.filter((name) => definitionOf(name).hasChoices && !shown.includes(name));
  return (
    <>
      {shown.map((name) => (
        <FieldFilter
          key={name}
          name={name}
          groupId={search.group}
          value={valueOf(name)}
          isAsked={name === asked}
          onChange={(value) => onChange(name, value)}
        />
      ))}
      {others.length === 0 ? null : (
        <Menu position="bottom-start" returnFocus={false}>
          <Menu.Target>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} stroke={1.75} />}
              aria-label={t('list.moreFilters')}
            >
              {t('list.filter')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((name) => (
              <Menu.Item key={name} onClick={() => setAsked(name)}>
                {definitionOf(name).title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

interface FieldFilterProps {
  readonly name: PlainFilter;
  readonly groupId: string | undefined;
  /** Empty for devices that have none. */
  readonly value: string | undefined;
  /** Somebody has just chosen to filter by it. */
  readonly isAsked: boolean;
  readonly onChange: (value: string | undefined) => void;
}

function FieldFilter({ name, groupId, value, isAsked, onChange }: FieldFilterProps) {
  const { t } = useTranslation('directory');
  const format = useFormat();
  const values = useQuery({ ...deviceValuesQuery(useApi(), name, groupId), enabled: isAsked });
  const known = values.data ?? [];
  const missing =
    value === undefined || known.some((one) => one.value === value) ? [] : [{ value, count: undefined }];
  return (
    <FilterMenu
      name={definitionOf(name).title}
      // No value is taken for the option that stands for all of them.
      value={value === undefined ? undefined : `=${value}`}
      options={[...known, ...missing].map(({ value: one, count }) => ({
        value: `=${one}`,
        text: one === '' ? t('list.noValue') : one,
        count: count === undefined ? undefined : format.count(count),
      }))}
      isOpenFirst={isAsked}
      onOpen={() => void values.refetch()}
      onChange={(chosen) => onChange(chosen?.slice(1))}
    />
  );
}

/** The values of a field that most devices of a group have. */
function deviceValuesQuery(api: ApiClient, field: FilteredField, groupId: string | undefined) {
  return queryOptions({
    queryKey: ['device-values', field, groupId],
    queryFn: async ({ signal }) => {
      const query = { field, ...(groupId === undefined ? {} : { groupId }) };
      return (await api.call(listDeviceValues, { query, signal })).values;
    },
  });
}
