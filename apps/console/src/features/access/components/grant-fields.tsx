import { type GrantChoice, permissionTexts } from '@holdfast/api';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { rolesQuery } from '../api/access-queries.ts';
import classes from './grants.module.css';

export interface GrantFieldsProps {
  readonly value: GrantChoice;
  readonly onChange: (value: GrantChoice) => void;
}

/** A role, and where. */
export function GrantFields({ value, onChange }: GrantFieldsProps) {
  const { t } = useTranslation('access');
  const roles = useQuery(rolesQuery(useApi())).data ?? [];
  const role = roles.find((one) => one.id === value.roleId);
  const help = role === undefined || role.description !== '' ? role?.description : undefined;
  return (
    <div className={classes.fields}>
      <Select
        label={t('grants.role')}
        description={help ?? role?.permissions.map((permission) => permissionTexts[permission]).join(' · ')}
        data={roles.map((one) => ({ value: one.id, label: one.name }))}
        value={role === undefined ? null : value.roleId}
        allowDeselect={false}
        onChange={(roleId) => {
          if (roleId !== null) onChange({ ...value, roleId });
        }}
      />
      <GroupSelect
        label={t('grants.place')}
        description={t('grants.placeHelp')}
        emptyText={t('grants.placeEmpty')}
        value={value.groupId ?? undefined}
        onChange={(groupId) => onChange({ ...value, groupId: groupId ?? null })}
      />
    </div>
  );
}
