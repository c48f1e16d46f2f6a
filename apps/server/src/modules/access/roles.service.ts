import type { Permission, Role } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { AuditRecord } from '../../platform/audit/audit.ts';
import { inTransaction, isUniqueViolation } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { describeGrantEvent } from './access.events.ts';
import { AccountError, createRoleNotFound, refuseKeyForTime } from './account.errors.ts';
import { lockAdministrators } from './administrators.store.ts';
import type { Credentials } from './credentials.service.ts';
import { listGrantRows } from './grants.store.ts';
import {
  countRoles,
  deleteRole,
  findRoleForUpdate,
  insertRole,
  listRoles,
  type RoleRow,
  toRole,
  updateRole,
} from './roles.store.ts';
import { describeGrant, findLacking, knownPermissions } from './stored-grants.ts';

export interface RoleParts {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

type RolePlatform = Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'>;

/** More than anybody can tell apart. */
const MAX_ROLES = 200;

export interface RoleServiceParts {
  readonly platform: RolePlatform;
  readonly credentials: Pick<Credentials, 'lockAccounts'>;
  readonly endings: AccessEndings;
}

/** Roles: named sets of permissions. What is changed here counts for everybody who has the role, from the next request on. */
export class RoleService {
  readonly #platform: RolePlatform;
  readonly #credentials: Pick<Credentials, 'lockAccounts'>;
  readonly #endings: AccessEndings;

  constructor({ platform, credentials, endings }: RoleServiceParts) {
    this.#platform = platform;
    this.#credentials = credentials;
    this.#endings = endings;
  }

  async list(actor: Actor): Promise<Role[]> {
    requirePermission(actor, 'administrators:read');
    return await listRoles(this.#platform.database);
  }

  /** @throws AccountError ADMINISTRATOR_ROLE_EXCEEDS_OWN, ROLE_NAME_TAKEN, ROLE_LIMIT_REACHED, SESSION_NEEDED */
  async create(actor: Actor, parts: RoleParts, request: RequestFacts): Promise<Role> {
    requirePermission(actor, 'administrators:manage');
    refuseKeyForTime(actor);
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const row: RoleRow = {
      id: createId(),
      name: parts.name,
      name_key: foldName(parts.name),
      description: parts.description,
      permissions: [...parts.permissions],
      is_built_in: false,
      revision: 1,
      created_at: new Date(clock.now()),
      created_by: 'name' in actor ? actor.name : actor.kind,
    };
    await inTransaction(database, async (transaction) => {
      // Two who make the last one at once would both count one less.
      const caller = await this.#credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      assertWithinOwn(caller, parts.permissions);
      if ((await countRoles(transaction)) >= MAX_ROLES) throw createLimitError();
      await insertRole(transaction, row);
      const details = { permissions: row.permissions };
      await recordEvents(transaction, {
        type: 'role.created',
        objectId: row.id,
        data: { name: row.name, permissions: [...knownPermissions(row.permissions)] },
      });
      await recordAuditEntry(transaction, caller, { ...describe('role.created', row), details }, request);
    }).catch(rethrowNameTaken);
    return toRole(row, 0);
  }

  /**
   * Whoever adds a permission gives it to everybody who has the role, wherever: so it must be their own on everything. This
   * also holds for a role that they have themselves.
   *
   * @throws AccountError ADMINISTRATOR_ROLE_EXCEEDS_OWN, ROLE_NOT_FOUND, ROLE_BUILT_IN, ROLE_CHANGED, ROLE_NAME_TAKEN,
   *   SESSION_NEEDED
   */
  async change(
    actor: Actor,
    roleId: string,
    change: RoleParts & { readonly revision: number },
    request: RequestFacts,
  ): Promise<Role> {
    requirePermission(actor, 'administrators:manage');
    refuseKeyForTime(actor);
    const { database, recordAuditEntry, recordEvents } = this.#platform;
    const changed = await inTransaction(database, async (transaction) => {
      const caller = await this.#credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const role = assertCustom(await findRoleForUpdate(transaction, roleId));
      if (role.revision !== change.revision) throw createChangedError(role);
      const before = knownPermissions(role.permissions);
      assertWithinOwn(
        caller,
        change.permissions.filter((permission) => !before.includes(permission)),
      );
      const row = await updateRole(transaction, roleId, {
        name: change.name,
        description: change.description,
        permissions: change.permissions,
        revision: role.revision + 1,
      });
      const details = {
        before: { name: role.name, description: role.description, permissions: before },
        after: { name: row.name, description: row.description, permissions: row.permissions },
      };
      await recordEvents(transaction, {
        type: 'role.changed',
        objectId: row.id,
        data: { name: row.name, permissions: [...knownPermissions(row.permissions)] },
      });
      await recordAuditEntry(transaction, caller, { ...describe('role.changed', row), details }, request);
      return row;
    }).catch(rethrowNameTaken);
    this.#endings.publishChange();
    return await this.#read(changed);
  }

  /** @returns how many grants ended with it @throws AccountError ROLE_NOT_FOUND, ROLE_BUILT_IN */
  async delete(actor: Actor, roleId: string, request: RequestFacts): Promise<number> {
    requirePermission(actor, 'administrators:manage');
    const { database, recordAuditEntry, recordEvents } = this.#platform;
    const taken = await inTransaction(database, async (transaction) => {
      const caller = await this.#credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const role = assertCustom(await findRoleForUpdate(transaction, roleId));
      const grants = await listGrantRows(transaction, { roleId });
      await lockAdministrators(
        transaction,
        grants.map((grant) => grant.administratorId),
      );
      await deleteRole(transaction, roleId);
      await recordEvents(transaction, [
        ...grants.map((grant) =>
          describeGrantEvent(
            'grant.taken',
            { id: grant.administratorId, name: grant.administratorName },
            grant,
          ),
        ),
        { type: 'role.deleted', objectId: role.id, data: { name: role.name } },
      ]);
      const entries = grants.map(
        (grant): AuditRecord => ({
          action: 'grant.taken',
          objectKind: 'administrator',
          objectId: grant.administratorId,
          objectName: grant.administratorName,
          details: { ...describeGrant(grant), because: 'the role was deleted' },
        }),
      );
      const details = { permissions: role.permissions, taken: grants.length };
      await recordAuditEntry(
        transaction,
        caller,
        [...entries, { ...describe('role.deleted', role), details }],
        request,
      );
      return grants.length;
    });
    this.#endings.publishChange();
    return taken;
  }

  async #read(row: RoleRow): Promise<Role> {
    const grants = await listGrantRows(this.#platform.database, { roleId: row.id });
    return toRole(row, new Set(grants.map((grant) => grant.administratorId)).size);
  }
}

function assertCustom(role: RoleRow | undefined): RoleRow {
  if (role === undefined) throw createRoleNotFound();
  if (!role.is_built_in) return role;
  throw new AccountError('ROLE_BUILT_IN', `The role "${role.name}" stays as it is.`, {
    remedy: 'Create a role of your own with the permissions that you want.',
  });
}

/** A role can be given anywhere, so it is made of what one has everywhere. */
function assertWithinOwn(actor: Actor, wanted: readonly Permission[]): void {
  const missing = findLacking(actor, wanted, []);
  if (missing.length === 0) return;
  throw new AccountError(
    'ADMINISTRATOR_ROLE_EXCEEDS_OWN',
    'A role cannot be given permissions that you lack on everything.',
    { facts: { missing }, remedy: 'Leave these permissions out, or ask an enterprise administrator.' },
  );
}

function createChangedError(role: RoleRow): AccountError {
  return new AccountError('ROLE_CHANGED', `The role "${role.name}" has been changed meanwhile.`, {
    retry: 'safe',
    remedy: 'Look at it again, then change it.',
  });
}

function createLimitError(): AccountError {
  return new AccountError('ROLE_LIMIT_REACHED', 'There are as many roles as this server keeps.', {
    facts: { maxRoles: MAX_ROLES },
    remedy: 'Delete a role that nobody needs.',
  });
}

function rethrowNameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw new AccountError('ROLE_NAME_TAKEN', 'There is a role with this name already.', {
    cause: error,
    remedy: 'Choose another name; capital letters make no difference.',
  });
}

function describe(action: AuditRecord['action'], role: RoleRow): AuditRecord {
  return { action, objectKind: 'role', objectId: role.id, objectName: role.name };
}
