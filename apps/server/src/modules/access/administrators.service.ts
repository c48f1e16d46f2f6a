import type { AuditRecord } from '../../platform/audit/audit.ts';
import type { Administrator, AuditAction, GrantChoice, Session } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, mayEverywhere, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { AccountError, refuseKeyForTime } from './account.errors.ts';
import {
  type AdministratorRow,
  findAdministratorByName,
  findAdministratorForUpdate,
  insertAdministrator,
  listAdministratorRows,
  setState,
  toAdministrator,
  updateInvited,
} from './administrators.store.ts';
import { deleteApiKeysOf } from './api-keys.store.ts';
import type { Credentials } from './credentials.service.ts';
import { assertNotLast, type GrantService } from './grants.service.ts';
import {
  deleteGrantsOf,
  isEnterpriseAdministration,
  listGrantRows,
  listStoredGrants,
} from './grants.store.ts';
import { deleteUnusedLinksOf, insertOneTimeLink } from './one-time-links.store.ts';
import { createOpaqueSecret } from './secret-text.ts';
import { isSessionAlive, type SessionLimits, sessionExpiresAtMs } from './session-life.ts';
import { deleteSession, deleteSessionsOf, findSessionOwner, listSessionRows } from './sessions.store.ts';
import { assertMayGive, describeGrant } from './stored-grants.ts';

export const INVITATION_LIFETIME_MS = 86_400_000;
const DEFAULT_LIMIT = 500;

export interface Invitation {
  readonly administrator: Administrator;
  readonly link: string;
  readonly addresses: string[];
  readonly expiresAt: string;
}

export interface InvitationInput {
  readonly name: string;
  readonly displayName: string;
  readonly grants: readonly GrantChoice[];
}

export interface AdministratorParts {
  readonly credentials: Pick<Credentials, 'lockAccounts'>;
  readonly endings: AccessEndings;
  readonly grants: Pick<GrantService, 'insert'>;
  readonly sessionLimits: SessionLimits;
}

type AdministratorPlatform = Pick<
  Platform,
  'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId' | 'server'
>;

/** Accounts and their sessions. */
export class AdministratorService {
  readonly #platform: AdministratorPlatform;
  readonly #parts: AdministratorParts;

  constructor({ platform, ...parts }: AdministratorParts & { readonly platform: AdministratorPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /** By name. @returns after whose `name_key` the next page begins; null at the end */
  async listAdministrators(
    actor: Actor,
    query: { readonly after?: string | undefined; readonly limit?: number | undefined },
  ): Promise<{ readonly administrators: Administrator[]; readonly nextAfter: string | null }> {
    requirePermission(actor, 'administrators:read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const rows = await listAdministratorRows(this.#platform.database, {
      after: query.after,
      limit: limit + 1,
    });
    const accounts = rows.slice(0, limit);
    const grants = await listGrantRows(this.#platform.database, {
      administratorIds: accounts.map((it) => it.id),
    });
    const grantsOf = Map.groupBy(grants, (grant) => grant.administratorId);
    return {
      administrators: accounts.map((account) => toAdministrator(account, grantsOf.get(account.id) ?? [])),
      nextAfter: rows.length > limit ? (accounts.at(-1)?.name_key ?? null) : null,
    };
  }

  /**
   * Inviting a name again whose owner has not come yet replaces the link, so that a lost one does no harm.
   *
   * @throws AccountError ADMINISTRATOR_NAME_TAKEN, ADMINISTRATOR_ROLE_EXCEEDS_OWN, ROLE_NOT_FOUND, GRANT_GROUP_UNKNOWN, SESSION_NEEDED
   */
  async invite(actor: Actor, input: InvitationInput, request: RequestFacts): Promise<Invitation> {
    requirePermission(actor, 'administrators:manage');
    refuseKeyForTime(actor);
    const { database, clock, createId, recordAuditEntry, recordEvents, server } = this.#platform;
    const secret = createOpaqueSecret();
    const nowMs = clock.now();
    const expiresAt = new Date(nowMs + INVITATION_LIFETIME_MS);
    const { account, grants } = await inTransaction(database, async (transaction) => {
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const invited = await this.#prepareInvited(transaction, caller, input, new Date(nowMs));
      await deleteUnusedLinksOf(transaction, invited.id);
      await insertOneTimeLink(transaction, {
        id: createId(),
        kind: 'invitation',
        secret_hash: secret.hash,
        administrator_id: invited.id,
        created_at: new Date(nowMs),
        expires_at: expiresAt,
      });
      const given = await this.#parts.grants.insert(transaction, caller, invited, input.grants);
      const details = { grants: given.map(describeGrant) };
      await recordEvents(transaction, {
        type: 'administrator.invited',
        objectId: invited.id,
        data: { name: invited.name, roles: given.map(({ roleName }) => roleName) },
      });
      const entry = { ...describe('administrator.invited', invited), details };
      await recordAuditEntry(transaction, caller, entry, request);
      return {
        account: invited,
        grants: await listGrantRows(transaction, { administratorIds: [invited.id] }),
      };
    }).catch((error: unknown) => {
      throw isUniqueViolation(error) ? createNameTakenError(error) : error;
    });
    const addresses = [...server.publicAddresses()];
    return {
      administrator: toAdministrator(account, grants),
      link: `${addresses[0] ?? ''}/invitation#${secret.text}`,
      addresses,
      expiresAt: expiresAt.toISOString(),
    };
  }

  /**
   * Disabling ends every session and key of the account at once. Invariant: there is always an active enterprise
   * administrator, also when two are disabled at the same time.
   *
   * @throws AccountError LAST_ENTERPRISE_ADMINISTRATOR, ADMINISTRATOR_ROLE_EXCEEDS_OWN, SESSION_NEEDED for a key that enables;
   *   AccessError NOT_FOUND
   */
  async setState(
    actor: Actor,
    administratorId: string,
    state: 'active' | 'disabled',
    request: RequestFacts,
  ): Promise<Administrator> {
    requirePermission(actor, 'administrators:manage');
    if (state === 'active') refuseKeyForTime(actor);
    const { database, recordAuditEntry, recordEvents } = this.#platform;
    const outcome = await inTransaction(database, async (transaction) => {
      // Serialises the count below: otherwise each of two would count on the other to remain.
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const account = await findAdministratorForUpdate(transaction, administratorId);
      if (account === undefined) throw createNotFoundError();
      const grants = await listGrantRows(transaction, { administratorIds: [account.id] });
      if ((account.state === 'disabled') === (state === 'disabled'))
        return { account, grants, sessions: [], keys: [] };
      if (state === 'active') assertMayGive(caller, await listStoredGrants(transaction, account.id));
      else if (grants.some(isEnterpriseAdministration)) await assertNotLast(transaction, account);
      // An account that never chose a password waits for an invitation again.
      const next = state === 'active' && account.password_verifier === null ? 'invited' : state;
      const changed = await setState(transaction, account.id, next);
      const isEnd = state === 'disabled';
      const sessions = isEnd ? await deleteSessionsOf(transaction, account.id) : [];
      const keys = isEnd ? await deleteApiKeysOf(transaction, account.id) : [];
      if (isEnd) await deleteUnusedLinksOf(transaction, account.id);
      await recordEvents(transaction, {
        type: isEnd ? 'administrator.disabled' : 'administrator.enabled',
        objectId: account.id,
        data: { name: account.name },
      });
      const entry = describe(isEnd ? 'administrator.disabled' : 'administrator.enabled', account);
      const details = isEnd ? { endedSessions: sessions.length, revokedApiKeys: keys.length } : {};
      await recordAuditEntry(transaction, caller, { ...entry, details }, request);
      return { account: changed, grants, sessions, keys };
    });
    this.#parts.endings.publish('session', outcome.sessions);
    this.#parts.endings.publish('api-key', outcome.keys);
    return toAdministrator(outcome.account, outcome.grants);
  }

  async listSessions(actor: Actor, options: { readonly isEveryone: boolean }): Promise<Session[]> {
    if (options.isEveryone) requirePermission(actor, 'administrators:read');
    // An API key has no session of its own.
    else if (actor.kind !== 'administrator') return [];
    const { database, clock } = this.#platform;
    const { sessionLimits } = this.#parts;
    const ownId = actor.kind === 'administrator' ? actor.id : undefined;
    const rows = await listSessionRows(database, options.isEveryone ? undefined : ownId);
    return rows
      .filter((row) => isSessionAlive(row, sessionLimits, clock.now()))
      .map((row) => ({
        id: row.id,
        administratorId: row.administratorId,
        administratorName: row.administratorName,
        createdAt: new Date(row.createdAtMs).toISOString(),
        lastUsedAt: new Date(row.lastUsedAtMs).toISOString(),
        expiresAt: new Date(sessionExpiresAtMs(row, sessionLimits)).toISOString(),
        remoteAddress: row.remoteAddress,
        userAgent: row.userAgent,
        isCurrent: actor.kind === 'administrator' && row.id === actor.sessionId,
      }));
  }

  /** For those who may not manage administrators, other people's sessions do not exist. @throws AccessError NOT_FOUND */
  async revokeSession(actor: Actor, sessionId: string, request: RequestFacts): Promise<void> {
    const { database, recordAuditEntry } = this.#platform;
    const owner = await findSessionOwner(database, { sessionId });
    const isOwn = actor.kind === 'administrator' && owner?.administratorId === actor.id;
    if (owner === undefined || !(isOwn || mayEverywhere(actor, 'administrators:manage')))
      throw createNotFoundError();
    await inTransaction(database, async (transaction) => {
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      if (!isOwn) requirePermission(caller, 'administrators:manage');
      if (!(await deleteSession(transaction, sessionId))) throw createNotFoundError();
      const entry: AuditRecord = {
        action: 'session.revoked',
        objectKind: 'session',
        objectId: sessionId,
        objectName: owner.name,
      };
      await recordAuditEntry(transaction, caller, entry, request);
    });
    this.#parts.endings.publish('session', [sessionId]);
  }

  async #prepareInvited(
    transaction: Transaction,
    actor: Actor,
    input: InvitationInput,
    createdAt: Date,
  ): Promise<AdministratorRow> {
    const known = await findAdministratorByName(transaction, input.name);
    if (known === undefined) {
      const id = this.#platform.createId();
      const rest = { state: 'invited', passwordVerifier: null, createdAt } as const;
      return await insertAdministrator(transaction, {
        id,
        name: input.name,
        displayName: input.displayName,
        ...rest,
      });
    }
    if (known.state !== 'invited') throw createNameTakenError();
    assertMayGive(actor, await listStoredGrants(transaction, known.id));
    await deleteGrantsOf(transaction, known.id);
    return await updateInvited(transaction, known.id, input.displayName);
  }
}

function createNameTakenError(cause?: unknown): AccountError {
  return new AccountError('ADMINISTRATOR_NAME_TAKEN', 'There is an administrator with this name already.', {
    cause,
    remedy: 'Choose another name; capital letters make no difference.',
  });
}

function createNotFoundError(): AccessError {
  return new AccessError('NOT_FOUND', 'There is no such object.');
}

function describe(action: AuditAction, account: AdministratorRow): AuditRecord {
  return { action, objectKind: 'administrator', objectId: account.id, objectName: account.name };
}
