import * as contract from '@holdfast/api';
import { permissions } from '@holdfast/api';
import { type AccessRow, UNKNOWN_ID } from './access-row.ts';
import { everywhere, GOOD_PASSWORD, inGroup } from './test-administrators.ts';

const UNKNOWN_SECRET = 'A'.repeat(43);

/** Those of the routes of administrators, their sessions, roles and keys; a part of access-rows.ts. */
export const accountRows: readonly AccessRow[] = [
  // Public
  { route: contract.getSetup },
  {
    route: contract.checkPassword,
    parts: () => ({ body: { password: 'x', secret: UNKNOWN_SECRET } }),
    allowed: 404,
  },
  {
    route: contract.createFirstAdministrator,
    parts: () => ({ body: { secret: UNKNOWN_SECRET, name: 'mallory', password: GOOD_PASSWORD } }),
    allowed: 404,
  },
  { route: contract.getSetupLink, parts: () => ({ body: { secret: UNKNOWN_SECRET } }), allowed: 404 },
  { route: contract.getInvitation, parts: () => ({ body: { secret: UNKNOWN_SECRET } }), allowed: 404 },
  {
    route: contract.acceptInvitation,
    parts: () => ({ body: { secret: UNKNOWN_SECRET, password: GOOD_PASSWORD } }),
    allowed: 404,
  },
  { route: contract.getRecovery, parts: () => ({ body: { secret: UNKNOWN_SECRET } }), allowed: 404 },
  {
    route: contract.recoverPassword,
    parts: () => ({ body: { secret: UNKNOWN_SECRET, password: GOOD_PASSWORD } }),
    allowed: 404,
  },
  { route: contract.signIn, parts: () => ({ body: { name: 'alice', password: GOOD_PASSWORD } }) },
  // For the caller itself
  { route: contract.getCurrentSession, asKey: 200 },
  { route: contract.listSessions, asKey: 200 },
  {
    route: contract.revokeSession,
    parts: () => ({ params: { sessionId: UNKNOWN_ID } }),
    allowed: 404,
    asKey: 404,
  },
  {
    route: contract.changeOwnPassword,
    parts: () => ({ body: { currentPassword: GOOD_PASSWORD, newPassword: 'x' } }),
    allowed: 422,
    asKey: 403,
  },
  { route: contract.signOut, asKey: 403 },
  // The whole organisation
  { route: contract.listAdministrators, elsewhere: 'wide' },
  {
    route: contract.inviteAdministrator,
    parts: (world) => ({
      body: { name: `x-${world.invited.name}`, displayName: 'X', grants: [everywhere('auditor')] },
    }),
    elsewhere: 'wide',
    also: permissions.filter((permission) => permission.endsWith(':read')),
  },
  {
    route: contract.setAdministratorState,
    parts: (world) => ({ params: { administratorId: world.invited.id }, body: { state: 'disabled' } }),
    elsewhere: 'wide',
  },
  {
    route: contract.giveGrant,
    parts: (world) => ({
      params: { administratorId: world.invited.id },
      body: inGroup('auditor', world.groupId),
    }),
    elsewhere: 'wide',
    also: permissions.filter((permission) => permission.endsWith(':read')),
  },
  {
    route: contract.takeGrant,
    parts: (world) => ({
      params: { administratorId: world.invited.id, grantId: world.invited.grants[0]?.id ?? '' },
    }),
    elsewhere: 'wide',
  },
  { route: contract.listRoles, elsewhere: 'wide' },
  {
    route: contract.createRole,
    parts: (world) => ({
      body: { name: `New ${world.invited.name}`, description: '', permissions: ['administrators:manage'] },
    }),
    elsewhere: 'wide',
  },
  {
    route: contract.changeRole,
    parts: (world) => ({
      params: { roleId: world.roleId },
      body: { revision: 99, name: 'X', description: '', permissions: ['administrators:manage'] },
    }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.deleteRole, parts: (world) => ({ params: { roleId: world.roleId } }), elsewhere: 'wide' },
  { route: contract.listApiKeys, elsewhere: 'wide' },
  {
    route: contract.createApiKey,
    parts: () => ({ body: { name: 'x', permissions: ['administrators:manage'] } }),
    elsewhere: 'wide',
  },
  {
    route: contract.revokeApiKey,
    parts: (world) => ({ params: { apiKeyId: world.apiKeyId } }),
    elsewhere: 'wide',
  },
];
