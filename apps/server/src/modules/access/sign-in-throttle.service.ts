import { type Clock, foldName } from '@holdfast/kernel';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import { AccountError } from './account.errors.ts';
import { decideAttempt, type ThrottleState, throttleRules, undoAttempt } from './throttle-rules.ts';
import {
  deleteOldOrigins,
  deleteOldThrottles,
  deleteThrottle,
  isKnownOrigin,
  lockThrottle,
  saveThrottle,
  type ThrottleKey,
} from './throttle.store.ts';
import {
  addressHashOf,
  addressThrottleKey,
  knownNameThrottleKey,
  nameThrottleKey,
  sessionThrottleKey,
} from './throttle-keys.ts';

/** One attempt that was let through and is counted as failed until told otherwise. */
export interface SignInAttempt {
  /** Counters that this attempt counts in; the first starts afresh when the password is right. */
  readonly own: ThrottleKey;
  readonly address: ThrottleKey | undefined;
  /** True where this name signed in before, and in a session. */
  readonly isKnown: boolean;
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
    const nameKey = foldName(name);
    const isKnown = await isKnownOrigin(this.#database, nameKey, addressHashOf(remoteAddress));
    return await this.#begin({
      own: isKnown ? knownNameThrottleKey(nameKey, remoteAddress) : nameThrottleKey(nameKey),
      address: addressThrottleKey(remoteAddress),
      isKnown,
    });
  }

  /**
   * The same for whoever is signed in and shows the password again. Only the session counts: what strangers do to the
   * name elsewhere must not keep its owner from choosing another password.
   *
   * @throws AccountError SIGN_IN_THROTTLED
   */
  async beginInSession(sessionId: string): Promise<SignInAttempt> {
    return await this.#begin({ own: sessionThrottleKey(sessionId), address: undefined, isKnown: true });
  }

  async #begin(keys: Omit<SignInAttempt, 'failures'>): Promise<SignInAttempt> {
    const { own, address } = keys;
    const outcome = await inTransaction(this.#database, async (transaction) => {
      const nowMs = this.#clock.now();
      const states: [ThrottleKey, ThrottleState][] = [];
      let waitMs = 0;
      // Always the address first: two attempts never hold one counter each and wait for the other's.
      for (const key of address === undefined ? [own] : [address, own]) {
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
    return { ...keys, failures: outcome.failures };
  }

  /** The password was right: its own counter starts afresh, the address gets its own attempt back. */
  async recordSuccess(transaction: Transaction, attempt: SignInAttempt): Promise<void> {
    if (attempt.address !== undefined) await this.#takeBack(transaction, attempt.address);
    await deleteThrottle(transaction, attempt.own);
  }

  /** Whoever recovered the account chose the password just now: what was guessed before does not count any more. */
  async forgive(transaction: Transaction, name: string, remoteAddress: string): Promise<void> {
    const nameKey = foldName(name);
    await deleteThrottle(transaction, nameThrottleKey(nameKey));
    await deleteThrottle(transaction, knownNameThrottleKey(nameKey, remoteAddress));
  }

  /** The attempt was never decided, for instance because the server was too busy: it does not count. */
  async withdraw(attempt: SignInAttempt): Promise<void> {
    await inTransaction(this.#database, async (transaction) => {
      if (attempt.address !== undefined) await this.#takeBack(transaction, attempt.address);
      await this.#takeBack(transaction, attempt.own);
    });
  }

  /** @returns how many counts and addresses were forgotten */
  async forgetOld(now: Date): Promise<number> {
    const longestMs = Math.max(...Object.values(throttleRules).map((rule) => rule.forgetAfterMs));
    const nowMs = now.getTime();
    const counts = await deleteOldThrottles(this.#database, new Date(nowMs - longestMs));
    return counts + (await deleteOldOrigins(this.#database, new Date(nowMs - ORIGIN_LIFETIME_MS)));
  }

  async #takeBack(transaction: Transaction, key: ThrottleKey): Promise<void> {
    const state = await lockThrottle(transaction, key, new Date(this.#clock.now()));
    await saveThrottle(transaction, key, undoAttempt(state, throttleRules[key.kind]));
  }
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
