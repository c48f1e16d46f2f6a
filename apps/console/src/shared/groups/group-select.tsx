import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../api/services.ts';
import { groupsQuery } from './groups-query.ts';
import { groupPathText } from './group-path.ts';

export interface GroupSelectProps {
  readonly label: string;
  readonly description?: string | undefined;
  readonly value: string | undefined;
  readonly onChange: (groupId: string | undefined) => void;
  /** Groups that make no sense here, e.g. the moved one itself. */
  readonly excludedIds?: ReadonlySet<string> | undefined;
  /** Shown for "no group chosen" where that is a choice. */
  readonly emptyText?: string | undefined;
  readonly error?: string | undefined;
}

export function GroupSelect(props: GroupSelectProps) {
  const { t } = useTranslation('common');
  const groups = useQuery(groupsQuery(useApi())).data ?? [];
  const options = groups
    .filter((group) => props.excludedIds?.has(group.id) !== true)
    .map((group) => ({ value: group.id, label: groupPathText(group) }))
    .toSorted((first, second) => first.label.localeCompare(second.label));
  return (
    <Select
      label={props.label}
      description={props.description}
      placeholder={props.emptyText ?? t('group.choose')}
      data={options}
      value={props.value ?? null}
      searchable
      clearable={props.emptyText !== undefined}
      limit={200}
      error={props.error}
      nothingFoundMessage={t('group.none')}
      clearButtonProps={{ 'aria-label': t('filter.clear', { name: props.label }) }}
      onChange={(groupId) => props.onChange(groupId ?? undefined)}
    />
  );
}
