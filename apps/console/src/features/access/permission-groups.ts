import type { Permission } from '@holdfast/api';

export const permissionTopics = ['devices', 'joining', 'administration'] as const;
export type PermissionTopic = (typeof permissionTopics)[number];

const topics: Readonly<Record<string, PermissionTopic>> = {
  directory: 'devices',
  notes: 'devices',
  commands: 'devices',
  logs: 'devices',
  'enrolment-tokens': 'joining',
  registrations: 'joining',
};

export interface PermissionGroup {
  readonly topic: PermissionTopic;
  readonly permissions: readonly Permission[];
}

/** Permissions by what they are about, in their order; a topic without any is left out. */
export function permissionGroupsOf(permissions: readonly Permission[]): readonly PermissionGroup[] {
  const topicOf = (permission: Permission): PermissionTopic =>
    topics[permission.slice(0, permission.indexOf(':'))] ?? 'administration';
  return permissionTopics.flatMap((topic) => {
    const own = permissions.filter((permission) => topicOf(permission) === topic);
    return own.length === 0 ? [] : [{ topic, permissions: own }];
  });
}
