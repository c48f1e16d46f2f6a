/**
 * What an administrator or an API key may do. The console uses it only to hide what would be refused;
 * the server decides, in the route and again in the service.
 */
export const permissions = [
  'directory:read',
  'directory:edit',
  'notes:write',
  'commands:read',
  'commands:issue',
  'logs:read',
  'components:read',
  'components:manage',
  'components:deploy',
  'enrolment-tokens:read',
  'enrolment-tokens:manage',
  'registrations:approve',
  'administrators:read',
  'administrators:manage',
  'audit:read',
  'settings:read',
  'settings:manage',
  'system:read',
  'jobs:manage',
] as const;

export type Permission = (typeof permissions)[number];

/**
 * Permissions about things that lie in no group. They can only be granted on everything: whoever is limited to a part of
 * the directory has no use for them, and with some of them could lift the limit.
 */
export const organisationWidePermissions: ReadonlySet<Permission> = new Set<Permission>([
  'administrators:read',
  'administrators:manage',
  'components:read',
  'components:manage',
  'components:deploy',
  'settings:read',
  'settings:manage',
  'system:read',
  'jobs:manage',
]);

/** Sentences for people who choose permissions, e.g. for an API key. */
export const permissionTexts: Readonly<Record<Permission, string>> = {
  'directory:read': 'See groups, devices and their state',
  'directory:edit': 'Create, rename, move, remove and restore groups and devices; put tags on them',
  'notes:write': 'Write notes on devices, and change own ones',
  'commands:read': 'See commands and their progress',
  'commands:issue': 'Issue and cancel commands',
  'logs:read': 'Read the log entries of devices',
  'components:read': 'See components, their releases and where they come from',
  'components:manage': 'Download components, and choose where they come from and whose signatures count',
  'components:deploy': 'Decide who gets new releases of components, and when',
  'enrolment-tokens:read': 'See enrolment tokens (never their secret)',
  'enrolment-tokens:manage': 'Create and revoke enrolment tokens',
  'registrations:approve': 'Admit, re-admit or refuse devices that wait',
  'administrators:read': 'See administrators, their sessions and API keys',
  'administrators:manage': 'Invite and disable administrators, revoke their sessions and API keys',
  'audit:read': 'Read the audit log',
  'settings:read': 'See the settings',
  'settings:manage': 'Change the settings',
  'system:read': 'See the state of the server itself and its jobs',
  'jobs:manage': 'Run, cancel and retry jobs of the server, and pause their schedules',
};
