import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasCode } from '@holdfast/kernel';
import { hashPassword, refuseUnknownAccount, verifyPassword } from '@holdfast/trust';
import { ConcurrencyLimiter } from '../../platform/rate-limit/concurrency-limiter.ts';
import { AccountError } from './account.errors.ts';
import { type PasswordCaller, PasswordQueue } from './password-queue.ts';
import { checkPasswordStrength, type PasswordStrength } from './password-strength.ts';

/** The slow hash of passwords, off the event loop: `@holdfast/trust`, or something quick in tests. */
export interface PasswordHashing {
  readonly hashPassword: (password: string) => Promise<string>;
  readonly verifyPassword: (password: string, verifier: string) => Promise<{ readonly needsRehash: boolean }>;
  readonly refuseUnknownAccount: (password: string) => Promise<never>;
}

/** What a check of a password said. `outdated`: right, and to be hashed anew with today's parameters. */
export type PasswordVerdict = 'wrong' | 'right' | 'outdated';

// The estimate runs on the event loop: one at a time, with everything else that waits there in between.
const ESTIMATES = { maxRunning: 1, maxWaiting: 16 } as const;

/** All slow hashing of the server goes through here, so that a flood of sign-ins can take neither memory nor cores. */
export class PasswordWork {
  readonly #hashing: PasswordHashing;
  readonly #queue: PasswordQueue;
  readonly #estimates = new ConcurrencyLimiter(ESTIMATES);

  constructor(
    hashing: PasswordHashing = { hashPassword, verifyPassword, refuseUnknownAccount },
    queue = new PasswordQueue(),
  ) {
    this.#hashing = hashing;
    this.#queue = queue;
  }

  /**
   * How strong a new password would be.
   *
   * @param contextWords see {@link checkPasswordStrength} @throws AccountError SIGN_IN_BUSY
   */
  async estimate(password: string, contextWords: readonly string[]): Promise<PasswordStrength> {
    const leave = await this.#estimates.enter();
    if (leave === undefined) throw createBusyError();
    try {
      await nextTurn();
      return checkPasswordStrength(password, contextWords);
    } finally {
      leave();
    }
  }

  /**
   * Makes the verifier of a new password.
   *
   * @param contextWords see {@link checkPasswordStrength}
   * @throws AccountError PASSWORD_TOO_WEAK, NEW_PASSWORD_TOO_LONG, SIGN_IN_BUSY
   */
  async hashNew(password: string, contextWords: readonly string[], caller: PasswordCaller): Promise<string> {
    const strength = await this.estimate(password, contextWords);
    if (!strength.isAccepted) {
      throw new AccountError('PASSWORD_TOO_WEAK', 'The password is too easy to guess.', {
        facts: { score: strength.score, hints: strength.hints },
        remedy: strength.hints.join(' '),
      });
    }
    try {
      return await this.#inTurn(caller, () => this.#hashing.hashPassword(password));
    } catch (error) {
      if (!hasCode(error, 'PASSWORD_TOO_LONG')) throw error;
      throw new AccountError('NEW_PASSWORD_TOO_LONG', 'The password is too long.', {
        cause: error,
        remedy: 'Use at most 1,024 characters, fewer when they are not Latin letters.',
      });
    }
  }

  /**
   * Invariant: the same work is done whether there is a verifier or not, so that the time of the answer does not
   * tell which names exist.
   *
   * @param verifier undefined for names that nobody has and accounts that cannot sign in
   * @throws AccountError SIGN_IN_BUSY
   */
  async check(
    password: string,
    verifier: string | undefined,
    caller: PasswordCaller,
  ): Promise<PasswordVerdict> {
    try {
      const { needsRehash } = await this.#inTurn(caller, () =>
        verifier === undefined
          ? this.#hashing.refuseUnknownAccount(password)
          : this.#hashing.verifyPassword(password, verifier),
      );
      return needsRehash ? 'outdated' : 'right';
    } catch (error) {
      // A password that is too long to be one is as wrong as any other.
      if (hasCode(error, 'PASSWORD_WRONG') || hasCode(error, 'PASSWORD_TOO_LONG')) return 'wrong';
      throw error;
    }
  }

  /** The same password under today's parameters. @throws AccountError SIGN_IN_BUSY */
  async hashAgain(password: string, caller: PasswordCaller): Promise<string> {
    return await this.#inTurn(caller, () => this.#hashing.hashPassword(password));
  }

  async #inTurn<Result>(caller: PasswordCaller, work: () => Promise<Result>): Promise<Result> {
    const leave = await this.#queue.enter(caller);
    if (leave === undefined) throw createBusyError();
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

function createBusyError(): AccountError {
  return new AccountError('SIGN_IN_BUSY', 'The server checks too many passwords at the moment.', {
    retry: 'safe',
    remedy: 'Try again in a few seconds.',
  });
}
