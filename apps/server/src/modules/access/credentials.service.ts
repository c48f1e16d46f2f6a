import { AccessError } from '../../platform/access/access.errors.ts';
import type { Actor, SignedInActor } from '../../platform/access/actor.ts';
import type { Authentication } from '../../platform/access/authentication.ts';
import { type Database, isTransientDatabaseError, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { lockAccounts } from './administrators.store.ts';
import { type ApiKeyOwner, findApiKeyOwner, recordApiKeyUses } from './api-keys.store.ts';
import { deriveCsrfToken, hashSecret, isApiKeySecret, isOpaqueSecret } from './secret-text.ts';
import { isSessionAlive, SESSION_USE_WRITE_INTERVAL_MS, type SessionLimits } from './session-life.ts';
import { toAdministratorActor } from './session-start.service.ts';
import { findSessionOwner, recordSessionUse, type SessionOwner } from './sessions.store.ts';
import { toKeyGrants } from './stored-grants.ts';

type CredentialPlatform = Pick<Platform, 'database' | 'clock' | 'log'>;

/**
 * Turns sessions and API keys into actors. Nothing is cached: one look by a unique index for each request, so that
 * an ended session, a revoked key, a disabled account and a grant that was taken count at the very next request, on
 * every process.
 */
export class Credentials implements Omit<Authentication, 'authenticateProduct' | 'lookAgain'> {
  readonly #platform: CredentialPlatform;
  readonly #sessionLimits: SessionLimits;
  #keyUses = new Map<string, Date>();

  constructor(platform: CredentialPlatform, sessionLimits: SessionLimits) {
    this.#platform = platform;
    this.#sessionLimits = sessionLimits;
  }

  async authenticateSession(token: string): Promise<SignedInActor> {
    const { database } = this.#platform;
    const owner = isOpaqueSecret(token)
      ? await findSessionOwner(database, { tokenHash: hashSecret(token) })
      : undefined;
    if (owner === undefined || !this.#isAlive(owner)) {
      throw createSessionEnded();
    }
    await this.#recordUse(owner);
    return toAdministratorActor(owner, deriveCsrfToken(token));
  }

  async authenticateApiKey(key: string): Promise<SignedInActor> {
    const owner = isApiKeySecret(key)
      ? await findApiKeyOwner(this.#platform.database, { keyHash: hashSecret(key) })
      : undefined;
    if (owner === undefined || !this.#isUsable(owner)) {
      throw createKeyInvalid();
    }
    this.#keyUses.set(owner.id, new Date(this.#platform.clock.now()));
    return toKeyActor(owner);
  }

  /**
   * The same caller as of now, for answers that stay open; undefined when it may nothing any more. Does not count as
   * use: an open page alone does not keep a session alive.
   */
  async findActor(
    actor: SignedInActor,
    database: Database = this.#platform.database,
  ): Promise<SignedInActor | undefined> {
    if (actor.kind === 'administrator') {
      const owner = await findSessionOwner(database, { sessionId: actor.sessionId });
      return owner === undefined || !this.#isAlive(owner)
        ? undefined
        : toAdministratorActor(owner, actor.csrfToken);
    }
    const owner = await findApiKeyOwner(database, { apiKeyId: actor.id });
    return owner === undefined || !this.#isUsable(owner) ? undefined : toKeyActor(owner);
  }

  /** The same caller as of now. @throws AccessError SESSION_EXPIRED, NOT_SIGNED_IN when it may nothing any more */
  async lookAgain(actor: SignedInActor, database?: Database): Promise<SignedInActor> {
    const present = await this.findActor(actor, database);
    if (present !== undefined) return present;
    throw actor.kind === 'administrator' ? createSessionEnded() : createKeyInvalid();
  }

  /**
   * Takes the lock of accounts and looks the caller up under it. Of many who wait for the lock the first may end the next, so everything
   * that hands out or ends rights begins here and decides by what comes back.
   *
   * @throws AccessError SESSION_EXPIRED, NOT_SIGNED_IN
   */
  async lockAccounts<Caller extends Actor>(
    transaction: Transaction,
    actor: Caller,
  ): Promise<Caller | SignedInActor> {
    await lockAccounts(transaction);
    if (actor.kind !== 'administrator' && actor.kind !== 'api-key') return actor;
    return await this.lookAgain(actor, transaction);
  }

  /** Writes the last uses of API keys that gathered since the last call. */
  async writeKeyUses(): Promise<void> {
    const uses = this.#keyUses;
    this.#keyUses = new Map();
    try {
      await recordApiKeyUses(this.#platform.database, uses);
    } catch (error) {
      // They are written with the next ones.
      this.#keyUses = new Map([...uses, ...this.#keyUses]);
      throw error;
    }
  }

  #isAlive(owner: SessionOwner): boolean {
    return owner.state === 'active' && isSessionAlive(owner, this.#sessionLimits, this.#platform.clock.now());
  }

  #isUsable(owner: ApiKeyOwner): boolean {
    const isUnexpired = owner.expiresAtMs === null || this.#platform.clock.now() < owner.expiresAtMs;
    return owner.ownerState === 'active' && isUnexpired;
  }

  async #recordUse(owner: SessionOwner): Promise<void> {
    const nowMs = this.#platform.clock.now();
    if (nowMs - owner.lastUsedAtMs < SESSION_USE_WRITE_INTERVAL_MS) return;
    try {
      await recordSessionUse(this.#platform.database, owner.sessionId, new Date(nowMs));
    } catch (error) {
      // A database that takes no changes can still be read, and the next request writes it.
      if (!isTransientDatabaseError(error)) throw error;
    }
  }
}

function toKeyActor(owner: ApiKeyOwner): SignedInActor {
  return {
    kind: 'api-key',
    id: owner.id,
    name: owner.name,
    isForTime: owner.expiresAtMs !== null,
    // What the account behind it has lost since, the key has lost too.
    grants: toKeyGrants(owner.grants, owner.ownerGrants),
  };
}

function createSessionEnded(): AccessError {
  return new AccessError('SESSION_EXPIRED', 'This session has ended.', { remedy: 'Sign in again.' });
}

function createKeyInvalid(): AccessError {
  return new AccessError('NOT_SIGNED_IN', 'This API key is not valid, has expired or was revoked.', {
    remedy: 'Create another one in the console.',
  });
}
