import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { groupPathText } from '../../../shared/groups/group-path.ts';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';

export interface GroupFilterProps {
  readonly value: string | undefined;
  readonly onChange: (groupId: string | undefined) => void;
}

/** One group with its subgroups. */
export function GroupFilter({ value, onChange }: GroupFilterProps) {
  const { t } = useTranslation(['logs', 'common']);
  const groups = useQuery(groupsQuery(useApi())).data ?? [];
  return (
    <Select
      size="xs"
      w={170}
      aria-label={t('group')}
      placeholder={t('group')}
      data={groups
        .map((group) => ({ value: group.id, label: groupPathText(group) }))
        .toSorted((first, second) => first.label.localeCompare(second.label))}
      value={value ?? null}
      searchable
      clearable
      limit={200}
      nothingFoundMessage={t('common:group.none')}
      clearButtonProps={{ 'aria-label': t('common:filter.clear', { name: t('group') }) }}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}
