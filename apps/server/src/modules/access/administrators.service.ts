import type { AuditRecord } from '../../platform/audit/audit.ts';
import {
  type Administrator,
  type Role,
  rolePermissions,
  type Session,
  type AuditAction,
} from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, isInScope } from '../../platform/access/actor.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { AccountError } from './account.errors.ts';
import {
  type AdministratorRow,
  countOtherActiveEnterpriseAdministrators,
  findAdministratorByName,
  findAdministratorForUpdate,
  insertAdministrator,
  listAdministratorRows,
  lockAccounts,
  setState,
  toAdministrator,
  updateInvited,
} from './administrators.store.ts';
import { deleteApiKeysOf } from './api-keys.store.ts';
import { deleteUnusedLinksOf, insertOneTimeLink } from './one-time-links.store.ts';
import { requireOrganisationWide } from '../../platform/access/organisation-wide.ts';
import { createOpaqueSecret } from './secret-text.ts';
import { isSessionAlive, type SessionLimits, sessionExpiresAtMs } from './session-life.ts';
import { deleteSession, deleteSessionsOf, findSessionOwner, listSessionRows } from './sessions.store.ts';

export const INVITATION_LIFETIME_MS = 86_400_000;

export interface Invitation {
  readonly administrator: Administrator;
  readonly link: string;
  readonly expiresAt: string;
}

export interface AdministratorParts {
  readonly endings: AccessEndings;
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

  constructor(platform: AdministratorPlatform, parts: AdministratorParts) {
    this.#platform = platform;
    this.#parts = parts;
  }

  async listAdministrators(actor: Actor): Promise<Administrator[]> {
    requireOrganisationWide(actor, 'administrators:read');
    return (await listAdministratorRows(this.#platform.database)).map(toAdministrator);
  }

  /**
   * Inviting a name again whose owner has not come yet replaces the link, so that a lost one does no harm.
   *
   * @throws AccountError ADMINISTRATOR_NAME_TAKEN, ADMINISTRATOR_ROLE_EXCEEDS_OWN
   */
  async invite(
    actor: Actor,
    input: { readonly name: string; readonly displayName: string; readonly role: Role },
    request: RequestFacts,
  ): Promise<Invitation> {
    requireOrganisationWide(actor, 'administrators:manage');
    requireRoleWithinOwn(actor, input.role);
    const { database, clock, createId, recordAuditEntry, recordEvents, server } = this.#platform;
    const secret = createOpaqueSecret();
    const nowMs = clock.now();
    const expiresAt = new Date(nowMs + INVITATION_LIFETIME_MS);
    const account = await inTransaction(database, async (transaction) => {
      await lockAccounts(transaction);
      const invited = await this.#prepareInvited(transaction, actor, input, new Date(nowMs));
      await deleteUnusedLinksOf(transaction, invited.id);
      await insertOneTimeLink(transaction, {
        id: createId(),
        kind: 'invitation',
        secret_hash: secret.hash,
        administrator_id: invited.id,
        created_at: new Date(nowMs),
        expires_at: expiresAt,
      });
      await recordEvents(transaction, {
        type: 'administrator.invited',
        objectId: invited.id,
        data: { name: invited.name, role: invited.role },
      });
      const entry = { ...describe('administrator.invited', invited), details: { role: invited.role } };
      await recordAuditEntry(transaction, actor, entry, request);
      return invited;
    }).catch((error: unknown) => {
      throw isUniqueViolation(error) ? createNameTakenError(error) : error;
    });
    const [address = ''] = server.publicAddresses();
    return {
      administrator: toAdministrator(account),
      link: `${address}/invitation#${secret.text}`,
      expiresAt: expiresAt.toISOString(),
    };
  }

  /**
   * Disabling ends every session and key of the account at once. Invariant: there is always an active enterprise
   * administrator, also when two are disabled at the same time.
   *
   * @throws AccountError LAST_ENTERPRISE_ADMINISTRATOR, ADMINISTRATOR_ROLE_EXCEEDS_OWN; AccessError NOT_FOUND
   */
  async setState(
    actor: Actor,
    administratorId: string,
    state: 'active' | 'disabled',
    request: RequestFacts,
  ): Promise<Administrator> {
    requireOrganisationWide(actor, 'administrators:manage');
    const { database, recordAuditEntry, recordEvents } = this.#platform;
    const outcome = await inTransaction(database, async (transaction) => {
      // Serialises the count below: each of two would otherwise see the other as the one that remains.
      await lockAccounts(transaction);
      const account = await findAdministratorForUpdate(transaction, administratorId);
      if (account === undefined) throw createNotFoundError();
      if ((account.state === 'disabled') === (state === 'disabled'))
        return { account, sessions: [], keys: [] };
      if (state === 'active') requireRoleWithinOwn(actor, account.role);
      else await assertNotLast(transaction, account);
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
      await recordAuditEntry(transaction, actor, { ...entry, details }, request);
      return { account: changed, sessions, keys };
    });
    this.#parts.endings.publish('session', outcome.sessions);
    this.#parts.endings.publish('api-key', outcome.keys);
    return toAdministrator(outcome.account);
  }

  async listSessions(actor: Actor, options: { readonly isEveryone: boolean }): Promise<Session[]> {
    if (options.isEveryone) requireOrganisationWide(actor, 'administrators:read');
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

  /** Somebody else's session does not exist for those who may not manage administrators. @throws AccessError NOT_FOUND */
  async revokeSession(actor: Actor, sessionId: string, request: RequestFacts): Promise<void> {
    const { database, recordAuditEntry } = this.#platform;
    const owner = await findSessionOwner(database, { sessionId });
    const isOwn = actor.kind === 'administrator' && owner?.administratorId === actor.id;
    if (owner === undefined || !(isOwn || mayManageAdministrators(actor))) throw createNotFoundError();
    await inTransaction(database, async (transaction) => {
      if (!(await deleteSession(transaction, sessionId))) throw createNotFoundError();
      const entry: AuditRecord = {
        action: 'session.revoked',
        objectKind: 'session',
        objectId: sessionId,
        objectName: owner.name,
      };
      await recordAuditEntry(transaction, actor, entry, request);
    });
    this.#parts.endings.publish('session', [sessionId]);
  }

  async #prepareInvited(
    transaction: Transaction,
    actor: Actor,
    input: { readonly name: string; readonly displayName: string; readonly role: Role },
    createdAt: Date,
  ): Promise<AdministratorRow> {
    const known = await findAdministratorByName(transaction, input.name);
    if (known === undefined) {
      const id = this.#platform.createId();
      const rest = { state: 'invited', passwordVerifier: null, createdAt } as const;
      return await insertAdministrator(transaction, { id, ...input, ...rest });
    }
    if (known.state !== 'invited') throw createNameTakenError();
    requireRoleWithinOwn(actor, known.role);
    return await updateInvited(transaction, known.id, { displayName: input.displayName, role: input.role });
  }
}

/** Nobody hands out more than they have, not through another account either. */
function requireRoleWithinOwn(actor: Actor, role: Role): void {
  if (actor.kind === 'system') return;
  const own =
    actor.kind === 'administrator' || actor.kind === 'api-key' ? actor.permissions : new Set<string>();
  const missing = rolePermissions[role].filter((permission) => !own.has(permission));
  if (missing.length === 0) return;
  throw new AccountError('ADMINISTRATOR_ROLE_EXCEEDS_OWN', 'This role may do more than you may.', {
    facts: { missing },
    remedy: 'Ask an enterprise administrator to do it.',
  });
}

async function assertNotLast(transaction: Transaction, account: AdministratorRow): Promise<void> {
  if (account.role !== 'enterprise-administrator' || account.state !== 'active') return;
  if ((await countOtherActiveEnterpriseAdministrators(transaction, account.id)) > 0) return;
  throw new AccountError(
    'LAST_ENTERPRISE_ADMINISTRATOR',
    'This is the last active enterprise administrator; without one nobody could manage the server.',
    { remedy: 'Invite another enterprise administrator first.' },
  );
}

function mayManageAdministrators(actor: Actor): boolean {
  if (actor.kind !== 'administrator' && actor.kind !== 'api-key') return actor.kind === 'system';
  return actor.permissions.has('administrators:manage') && isInScope(actor.scope, []);
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
