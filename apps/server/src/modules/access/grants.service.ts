import {
  type Administrator,
  type GrantChoice,
  type HeldGrant,
  maxGrantsPerAdministrator,
  type Permission,
  permissions,
} from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, mayAt, requirePermission } from '../../platform/access/actor.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { describeGrantEvent } from './access.events.ts';
import { AccountError, createRoleNotFound, refuseKeyForTime } from './account.errors.ts';
import {
  type AdministratorRow,
  findAdministrator,
  findAdministratorForUpdate,
  toAdministrator,
} from './administrators.store.ts';
import type { Credentials } from './credentials.service.ts';
import {
  countOtherActiveEnterpriseAdministrators,
  deleteGrant,
  insertGrant,
  isEnterpriseAdministration,
  listGrantRows,
  listStoredGrants,
} from './grants.store.ts';
import { findRoleForShare } from './roles.store.ts';
import { assertMayGive, describeGrant, toGrants } from './stored-grants.ts';

type GrantPlatform = Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'>;

/**
 * Of the directory: ids from the top group down to this one; undefined when there is no such group.
 *
 * @param db the transaction of whoever holds the lock of accounts: those who wait for it may have all other connections
 */
export type FindGroupPath = (groupId: string, db?: Database) => Promise<readonly string[] | undefined>;

export interface GrantParts {
  readonly credentials: Pick<Credentials, 'lockAccounts'>;
  readonly endings: AccessEndings;
  readonly findGroupPath: FindGroupPath;
}

/** Who has which role where. What is given and taken here counts from the next request on, and for open streams at once. */
export class GrantService {
  readonly #platform: GrantPlatform;
  readonly #parts: GrantParts;

  constructor({ platform, ...parts }: GrantParts & { readonly platform: GrantPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /** The roles behind what the caller may do. An API key has none of its own. */
  async listOwn(actor: Actor): Promise<HeldGrant[]> {
    if (actor.kind !== 'administrator') return [];
    return await listGrantRows(this.#platform.database, { administratorIds: [actor.id] });
  }

  /** What an administrator may do now on everything; nothing for one who is not active. */
  async listEverywhere(
    administratorId: string,
    db: Database = this.#platform.database,
  ): Promise<readonly Permission[]> {
    const account = await findAdministrator(db, administratorId);
    if (account?.state !== 'active') return [];
    const grants = toGrants(await listStoredGrants(db, administratorId));
    return permissions.filter((permission) => grants.mayAt(permission, []));
  }

  /**
   * Giving what is there already changes nothing.
   *
   * @throws AccountError ADMINISTRATOR_ROLE_EXCEEDS_OWN, ROLE_NOT_FOUND, GRANT_GROUP_UNKNOWN, GRANT_LIMIT_REACHED,
   *   SESSION_NEEDED;   *   AccessError NOT_FOUND
   */
  async give(
    actor: Actor,
    administratorId: string,
    choice: GrantChoice,
    request: RequestFacts,
  ): Promise<Administrator> {
    requirePermission(actor, 'administrators:manage');
    refuseKeyForTime(actor);
    const administrator = await inTransaction(this.#platform.database, async (transaction) => {
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const account = await findAdministratorForUpdate(transaction, administratorId);
      if (account === undefined) throw createNotFoundError();
      const [given] = await this.insert(transaction, caller, account, [choice]);
      const grants = await listGrantRows(transaction, { administratorIds: [account.id] });
      if (given !== undefined) {
        if (grants.length > maxGrantsPerAdministrator) throw createLimitError();
        await this.#record(transaction, caller, 'grant.given', account, given, request);
      }
      return toAdministrator(account, grants);
    });
    this.#parts.endings.publishChange();
    return administrator;
  }

  /**
   * Invariant: there is always an active enterprise administrator, also when the role is taken from two at the same time.
   *
   * @throws AccountError LAST_ENTERPRISE_ADMINISTRATOR; AccessError NOT_FOUND
   */
  async take(
    actor: Actor,
    administratorId: string,
    grantId: string,
    request: RequestFacts,
  ): Promise<Administrator> {
    requirePermission(actor, 'administrators:manage');
    const administrator = await inTransaction(this.#platform.database, async (transaction) => {
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const account = await findAdministratorForUpdate(transaction, administratorId);
      if (account === undefined) throw createNotFoundError();
      const grants = await listGrantRows(transaction, { administratorIds: [account.id] });
      const taken = grants.find((grant) => grant.id === grantId);
      if (taken === undefined) throw createNotFoundError();
      if (isEnterpriseAdministration(taken)) await assertNotLast(transaction, account);
      await deleteGrant(transaction, grantId);
      await this.#record(transaction, caller, 'grant.taken', account, taken, request);
      return toAdministrator(
        account,
        grants.filter((grant) => grant !== taken),
      );
    });
    this.#parts.endings.publishChange();
    return administrator;
  }

  /**
   * Gives an account these roles, for use cases that do so as part of more: they hold the lock of accounts, have decided
   * about the account, and record it.
   *
   * @returns what is new @throws as {@link give}
   */
  async insert(
    transaction: Transaction,
    actor: Actor,
    account: Pick<AdministratorRow, 'id'>,
    choices: readonly GrantChoice[],
  ): Promise<HeldGrant[]> {
    const ids = new Set<string>();
    for (const { roleId, groupId } of choices) {
      const role = await findRoleForShare(transaction, roleId);
      if (role === undefined) throw createRoleNotFound();
      const path = groupId === null ? [] : await this.#parts.findGroupPath(groupId, transaction);
      // Whoever does not see the group is not told that there is one.
      if (path === undefined || (groupId !== null && !mayAt(actor, 'directory:read', path))) {
        throw createGroupUnknown();
      }
      assertMayGive(actor, [{ permissions: role.permissions, groupId, path }]);
      const id = this.#platform.createId();
      const isNew = await insertGrant(transaction, {
        id,
        administrator_id: account.id,
        role_id: role.id,
        group_id: groupId,
        created_at: new Date(this.#platform.clock.now()),
        created_by: 'name' in actor ? actor.name : actor.kind,
      });
      if (isNew) ids.add(id);
    }
    const grants = await listGrantRows(transaction, { administratorIds: [account.id] });
    return grants.filter((grant) => ids.has(grant.id));
  }

  async #record(
    transaction: Transaction,
    actor: Actor,
    action: 'grant.given' | 'grant.taken',
    account: AdministratorRow,
    grant: HeldGrant,
    request: RequestFacts,
  ): Promise<void> {
    await this.#platform.recordEvents(transaction, describeGrantEvent(action, account, grant));
    await this.#platform.recordAuditEntry(
      transaction,
      actor,
      {
        action,
        objectKind: 'administrator',
        objectId: account.id,
        objectName: account.name,
        details: describeGrant(grant),
      },
      request,
    );
  }
}

/**
 * The caller holds the lock of accounts: each of two would otherwise see the other as the one that remains.
 *
 * @throws AccountError LAST_ENTERPRISE_ADMINISTRATOR
 */
export async function assertNotLast(transaction: Transaction, account: AdministratorRow): Promise<void> {
  if (account.state !== 'active') return;
  if ((await countOtherActiveEnterpriseAdministrators(transaction, account.id)) > 0) return;
  throw new AccountError(
    'LAST_ENTERPRISE_ADMINISTRATOR',
    'This is the last active enterprise administrator; without one nobody could manage the server.',
    {
      remedy:
        'Make another one first: invite somebody, or give an active administrator that role on everything.',
    },
  );
}

function createNotFoundError(): AccessError {
  return new AccessError('NOT_FOUND', 'There is no such object.');
}

function createGroupUnknown(): AccountError {
  return new AccountError('GRANT_GROUP_UNKNOWN', 'There is no group in which this role could be given.', {
    remedy: 'Choose a group of the directory.',
  });
}

function createLimitError(): AccountError {
  return new AccountError('GRANT_LIMIT_REACHED', 'One administrator cannot have that many roles.', {
    facts: { maxGrants: maxGrantsPerAdministrator },
    remedy: 'Take some away first, or give one role in a group that holds the others.',
  });
}
