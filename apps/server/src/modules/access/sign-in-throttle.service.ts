import { createHash } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import { addressKey } from '../../platform/rate-limit/token-buckets.ts';
import { AccountError } from './account.errors.ts';
import { nameKeyOf } from './administrators.store.ts';
import { decideAttempt, type ThrottleState, throttleRules, undoAttempt } from './throttle-rules.ts';
import {
  deleteOldOrigins,
  deleteOldThrottles,
  deleteThrottle,
  isKnownOrigin,
  lockThrottle,
  recordOrigin,
  saveThrottle,
  type ThrottleKey,
} from './throttle.store.ts';

/** One attempt that was let through and is counted as failed until told otherwise. */
export interface SignInAttempt {
  readonly name: ThrottleKey;
  readonly address: ThrottleKey;
  readonly addressHash: Buffer;
  /** How many attempts under this name have failed lately, this one included. */
  readonly failures: number;
}

/** So long an address counts as known to an account. */
const ORIGIN_LIFETIME_MS = 90 * 86_400_000;

/**
 * Slows guessing down, by name and by address, in the database: it outlasts a restart and holds for all processes.
 * It never closes an account: the longest pause is a minute, and where the owner signed in before, strangers'
 * attempts from elsewhere do not count.
 */
export class SignInThrottle {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws AccountError SIGN_IN_THROTTLED with `retryAfterMs` in its facts */
  async beginAttempt(name: string, remoteAddress: string): Promise<SignInAttempt> {
    const nameKey = nameKeyOf(name);
    const network = addressKey(remoteAddress);
    const addressHash = hashKey('address', network);
    const isKnown = await isKnownOrigin(this.#database, nameKey, addressHash);
    const address: ThrottleKey = { kind: 'address', keyHash: addressHash };
    const byName: ThrottleKey = isKnown
      ? { kind: 'name-at-address', keyHash: hashKey('name-at-address', `${nameKey}\0${network}`) }
      : { kind: 'name', keyHash: hashKey('name', nameKey) };
    const outcome = await inTransaction(this.#database, async (transaction) => {
      const nowMs = this.#clock.now();
      const states: [ThrottleKey, ThrottleState][] = [];
      let waitMs = 0;
      // Always the address first: two attempts never hold one counter each and wait for the other's.
      for (const key of [address, byName]) {
        const decision = decideAttempt(
          await lockThrottle(transaction, key, new Date(nowMs)),
          throttleRules[key.kind],
          nowMs,
        );
        if (decision.kind === 'refused') waitMs = Math.max(waitMs, decision.retryAfterMs);
        else states.push([key, decision.next]);
      }
      // An attempt that either counter refuses is not made, so neither counts it.
      if (waitMs > 0) return { waitMs, failures: 0 };
      for (const [key, state] of states) await saveThrottle(transaction, key, state);
      return { waitMs: 0, failures: states.at(-1)?.[1].failures ?? 0 };
    });
    if (outcome.waitMs > 0) throw createThrottledError(outcome.waitMs);
    return { name: byName, address, addressHash, failures: outcome.failures };
  }

  /** The password was right: the name starts afresh, the address gets its own attempt back. */
  async recordSuccess(
    transaction: Transaction,
    attempt: SignInAttempt,
    administratorId: string,
  ): Promise<void> {
    await this.#takeBack(transaction, attempt.address);
    await deleteThrottle(transaction, attempt.name);
    await recordOrigin(transaction, administratorId, attempt.addressHash, new Date(this.#clock.now()));
  }

  /** The attempt was never decided, for instance because the server was too busy: it does not count. */
  async withdraw(attempt: SignInAttempt): Promise<void> {
    await inTransaction(this.#database, async (transaction) => {
      await this.#takeBack(transaction, attempt.address);
      await this.#takeBack(transaction, attempt.name);
    });
  }

  async forgetOld(): Promise<void> {
    const longestMs = Math.max(...Object.values(throttleRules).map((rule) => rule.forgetAfterMs));
    const nowMs = this.#clock.now();
    await deleteOldThrottles(this.#database, new Date(nowMs - longestMs));
    await deleteOldOrigins(this.#database, new Date(nowMs - ORIGIN_LIFETIME_MS));
  }

  async #takeBack(transaction: Transaction, key: ThrottleKey): Promise<void> {
    const state = await lockThrottle(transaction, key, new Date(this.#clock.now()));
    await saveThrottle(transaction, key, undoAttempt(state, throttleRules[key.kind]));
  }
}

function hashKey(kind: string, text: string): Buffer {
  return createHash('sha256').update(`${kind}\0${text}`, 'utf8').digest();
}

function createThrottledError(retryAfterMs: number): AccountError {
  const waitMs = Math.ceil(retryAfterMs);
  return new AccountError('SIGN_IN_THROTTLED', 'There were too many failed attempts to sign in.', {
    retry: 'safe',
    facts: { retryAfterMs: waitMs },
    remedy:
      waitMs <= 1_000
        ? 'Wait a second, then try again.'
        : `Wait ${Math.ceil(waitMs / 1000)} seconds, then try again.`,
  });
}
