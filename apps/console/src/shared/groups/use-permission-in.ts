import {
  type Group,
  isGrantedAt,
  organisationWidePermissions,
  type Permission,
  permissions,
} from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/services.ts';
import { useSession } from '../session/session-context.ts';
import { groupPathIds } from './group-path.ts';
import { groupsQuery } from './groups-query.ts';

/** Hides what would be refused in this group; the server decides. */
export function usePermissionIn(permission: Permission, groupId: string): boolean {
  return usePermissionsIn(groupId).includes(permission);
}

/** What the caller may do in this group, of what can be done in groups; without a group, what it may do everywhere. */
export function usePermissionsIn(groupId: string | undefined): readonly Permission[] {
  const { grants } = useSession();
  const isByGroup = groupId !== undefined && grants.some((grant) => grant.groupId !== null);
  const groups: readonly Group[] = useQuery({ ...groupsQuery(useApi()), enabled: isByGroup }).data ?? [];
  const path = groupId === undefined ? [] : groupPathIds(groups, groupId);
  return permissions.filter(
    (permission) =>
      isGrantedAt(grants, permission, path) &&
      (groupId === undefined || !organisationWidePermissions.has(permission)),
  );
}
