import type { AuditRecord } from '../../platform/audit/audit.ts';
import { type ApiKey, type AuditAction, organisationWidePermissions, type Permission } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, mayAt, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { AccountError } from './account.errors.ts';
import {
  type ApiKeyPlace,
  type ApiKeyRow,
  countApiKeysOf,
  countMakers,
  deleteApiKeyFamily,
  findApiKey,
  insertApiKey,
  listApiKeyRows,
  toApiKey,
} from './api-keys.store.ts';
import type { Credentials } from './credentials.service.ts';
import type { FindGroupPath } from './grants.service.ts';
import { createApiKeySecret } from './secret-text.ts';
import { findLacking } from './stored-grants.ts';

export interface NewApiKeyInput {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly scopeGroupId?: string | undefined;
  readonly expiresInMs?: number | undefined;
}

export interface ApiKeyParts {
  readonly credentials: Pick<Credentials, 'lockAccounts'>;
  readonly endings: AccessEndings;
  readonly findGroupPath: FindGroupPath;
}

export interface ApiKeyPage {
  readonly apiKeys: ApiKey[];
  /** After which key the next page begins; null at the end. */
  readonly nextAfter: ApiKeyPlace | null;
}

const DEFAULT_LIMIT = 100;
/** Of one account, with those that its keys made: more than anybody can tell apart, few enough to end all of them at once. */
const MAX_KEYS_OF_OWNER = 200;
/** Of keys of which each made the next. */
const MAX_DESCENT = 8;

type ApiKeyPlatform = Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'>;

/** API keys: what programs may do in the name of an administrator. */
export class ApiKeyService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'>;
  readonly #parts: ApiKeyParts;

  constructor({ platform, ...parts }: ApiKeyParts & { readonly platform: ApiKeyPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  async list(
    actor: Actor,
    query: { readonly after?: ApiKeyPlace | undefined; readonly limit?: number | undefined },
  ): Promise<ApiKeyPage> {
    requirePermission(actor, 'administrators:read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const rows = await listApiKeyRows(this.#platform.database, { after: query.after, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      apiKeys: page.map(toApiKey),
      nextAfter: last === undefined ? null : { createdAt: last.created_at, id: last.id },
    };
  }

  /**
   * Invariant: a key never may more than its creator at the time, nor more than the account behind it later, and one
   * that a key makes does not outlive it: neither its time nor its revocation.
   *
   * @throws AccountError API_KEY_PERMISSION_EXCEEDED, API_KEY_LIFETIME_EXCEEDED, API_KEY_GROUP_UNKNOWN, API_KEY_SCOPE_UNSUITABLE,
   *   API_KEY_LIMIT_REACHED, API_KEY_DESCENT_TOO_LONG
   */
  async create(
    actor: Actor,
    input: NewApiKeyInput,
    request: RequestFacts,
  ): Promise<{ readonly apiKey: ApiKey; readonly key: string }> {
    requirePermission(actor, 'administrators:manage');
    if (actor.kind !== 'administrator' && actor.kind !== 'api-key') {
      throw new AccessError('PERMISSION_DENIED', 'A key needs an administrator behind it.');
    }
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const secret = createApiKeySecret();
    const nowMs = clock.now();
    const row = await inTransaction(database, async (transaction) => {
      // The lock meets the one that disabling and revoking take: a key made in the same moment does not survive them.
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      await this.#assertMayGive(transaction, caller, input);
      const maker = actor.kind === 'api-key' ? await findApiKey(transaction, actor.id) : undefined;
      const ownerId = maker?.owner_id ?? actor.id;
      await assertRoom(transaction, ownerId, maker);
      const key: ApiKeyRow = {
        id: createId(),
        name: input.name,
        prefix: secret.prefix,
        key_hash: secret.hash,
        permissions: [...input.permissions],
        scope_group_id: input.scopeGroupId ?? null,
        owner_id: ownerId,
        made_by_key_id: maker?.id ?? null,
        created_at: new Date(nowMs),
        created_by: actor.name,
        expires_at: input.expiresInMs === undefined ? null : new Date(nowMs + input.expiresInMs),
        last_used_at: null,
      };
      assertWithinLifetime(maker?.expires_at ?? null, key.expires_at);
      await insertApiKey(transaction, key);
      await recordEvents(transaction, {
        type: 'api-key.created',
        objectId: key.id,
        data: { name: key.name, permissions: key.permissions },
      });
      const details = {
        permissions: key.permissions,
        prefix: key.prefix,
        scopeGroupId: key.scope_group_id,
        expiresAt: key.expires_at?.toISOString() ?? null,
      };
      await recordAuditEntry(transaction, caller, { ...describe('api-key.created', key), details }, request);
      return key;
    });
    return { apiKey: toApiKey({ ...row, made_key_count: 0, is_scope_gone: false }), key: secret.text };
  }

  /**
   * Revokes the key and every key that came from it, each with an entry of its own.
   *
   * @returns how many keys ended @throws AccessError NOT_FOUND
   */
  async revoke(actor: Actor, apiKeyId: string, request: RequestFacts): Promise<number> {
    requirePermission(actor, 'administrators:manage');
    const { database, recordAuditEntry, recordEvents } = this.#platform;
    const revoked = await inTransaction(database, async (transaction) => {
      // Keys are made under this lock.
      const caller = await this.#parts.credentials.lockAccounts(transaction, actor);
      requirePermission(caller, 'administrators:manage');
      const keys = await deleteApiKeyFamily(transaction, apiKeyId);
      const [root] = keys;
      if (root === undefined) throw new AccessError('NOT_FOUND', 'There is no such object.');
      await recordEvents(
        transaction,
        keys.map((key) => ({ type: 'api-key.revoked', objectId: key.id, data: { name: key.name } })),
      );
      const madeWith = { id: root.id, name: root.name };
      const entries = keys.map((key) => ({
        ...describe('api-key.revoked', key),
        details: key === root ? { revokedKeys: keys.length } : { madeWith },
      }));
      await recordAuditEntry(transaction, caller, entries, request);
      return keys;
    });
    this.#parts.endings.publish(
      'api-key',
      revoked.map((key) => key.id),
    );
    return revoked.length;
  }

  /** Nobody gives what they do not have there. */
  async #assertMayGive(
    transaction: Transaction,
    actor: Actor,
    { permissions, scopeGroupId }: NewApiKeyInput,
  ): Promise<void> {
    const path = scopeGroupId === undefined ? [] : await this.#parts.findGroupPath(scopeGroupId, transaction);
    const missing = path === undefined ? permissions : findLacking(actor, permissions, path);
    const isSeen =
      path !== undefined && (missing.length < permissions.length || mayAt(actor, 'directory:read', path));
    const unsuitable = permissions.filter((name) => organisationWidePermissions.has(name));
    if (scopeGroupId !== undefined && !isSeen) {
      throw new AccountError(
        'API_KEY_GROUP_UNKNOWN',
        'There is no group to which this key could be limited.',
        { remedy: 'Choose a group of the directory.' },
      );
    }
    if (scopeGroupId !== undefined && unsuitable.length > 0) {
      throw new AccountError(
        'API_KEY_SCOPE_UNSUITABLE',
        'Some of these permissions concern the whole organisation.',
        {
          facts: { permissions: unsuitable },
          remedy: 'Leave these permissions out, or make a key that is not limited to a group.',
        },
      );
    }
    if (missing.length === 0) return;
    throw new AccountError(
      'API_KEY_PERMISSION_EXCEEDED',
      'A key cannot have permissions that you lack where it would have them.',
      { facts: { missing }, remedy: 'Leave these permissions out, or ask an administrator who has them.' },
    );
  }
}

/** @throws AccountError API_KEY_LIMIT_REACHED, API_KEY_DESCENT_TOO_LONG */
async function assertRoom(
  transaction: Transaction,
  ownerId: string,
  maker: ApiKeyRow | undefined,
): Promise<void> {
  if ((await countApiKeysOf(transaction, ownerId)) >= MAX_KEYS_OF_OWNER) {
    throw new AccountError('API_KEY_LIMIT_REACHED', 'This account has as many API keys as it can have.', {
      facts: { maxKeys: MAX_KEYS_OF_OWNER },
      remedy: 'Revoke keys that nobody needs. Keys that have expired go by themselves after a week.',
    });
  }
  if (maker === undefined || (await countMakers(transaction, maker.id, MAX_DESCENT)) + 2 <= MAX_DESCENT)
    return;
  throw new AccountError(
    'API_KEY_DESCENT_TOO_LONG',
    'This key came from a key that came from a key, and so on: it makes none.',
    {
      facts: { maxDescent: MAX_DESCENT },
      remedy: 'Make the key with one that is nearer to an administrator, or sign in and make it there.',
    },
  );
}

/** A key for an hour that makes one for ever would be a key for ever. */
function assertWithinLifetime(own: Date | null, wanted: Date | null): void {
  if (own === null || (wanted !== null && wanted.getTime() <= own.getTime())) return;
  throw new AccountError('API_KEY_LIFETIME_EXCEEDED', 'A key cannot make one that outlives it.', {
    facts: { expiresAt: own.toISOString() },
    remedy: 'Give the new key an end that is not after the end of this one, or sign in and make it there.',
  });
}

function describe(action: AuditAction, key: ApiKeyRow): AuditRecord {
  return { action, objectKind: 'api-key', objectId: key.id, objectName: key.name };
}
