import type { Permission } from '@holdfast/api';
import { AccessError } from './access.errors.ts';
import { type Actor, requirePermission } from './actor.ts';

/**
 * Permissions about things that lie in no group. Whoever is limited to a part of the directory has no use for them,
 * and with some of them could lift the limit.
 */
export const organisationWidePermissions: ReadonlySet<Permission> = new Set<Permission>([
  'administrators:read',
  'administrators:manage',
  'settings:read',
  'settings:manage',
  'system:read',
  'jobs:manage',
]);

/**
 * Like {@link requirePermission}, for what lies in no group.
 *
 * @throws AccessError PERMISSION_DENIED also for callers that are limited to groups
 */
export function requireOrganisationWide(actor: Actor, permission: Permission): void {
  requirePermission(actor, permission);
  if ((actor.kind === 'administrator' || actor.kind === 'api-key') && actor.scope !== 'everything') {
    throw new AccessError('PERMISSION_DENIED', 'This concerns the whole organisation, not only a group.', {
      facts: { permission },
      remedy: 'Use an account or an API key that is not limited to a group.',
    });
  }
}
