import { hasCode } from '@holdfast/kernel';
import { hashPassword, refuseUnknownAccount, verifyPassword } from '@holdfast/trust';
import { AdmissionGate } from '../../platform/rate-limit/admission-gate.ts';
import { AccountError } from './account.errors.ts';
import { checkPasswordStrength } from './password-strength.ts';

/** The slow hash of passwords, off the event loop: `@holdfast/trust`, or something quick in tests. */
export interface PasswordHashing {
  readonly hashPassword: (password: string) => Promise<string>;
  readonly verifyPassword: (password: string, verifier: string) => Promise<{ readonly needsRehash: boolean }>;
  readonly refuseUnknownAccount: (password: string) => Promise<never>;
}

/** What a check of a password said. `outdated`: right, and to be hashed anew with today's parameters. */
export type PasswordVerdict = 'wrong' | 'right' | 'outdated';

// Each takes 64 MiB and a core for a few tenths of a second: two at once leave the rest of the server its cores, and
// a queue of this length is through in a few seconds.
const MAX_RUNNING = 2;
const MAX_WAITING = 32;

/** All slow hashing of the server goes through here, so that a flood of sign-ins can take neither memory nor cores. */
export class PasswordWork {
  readonly #hashing: PasswordHashing;
  readonly #gate: AdmissionGate;

  constructor(
    hashing: PasswordHashing = { hashPassword, verifyPassword, refuseUnknownAccount },
    gate = new AdmissionGate({ maxRunning: MAX_RUNNING, maxWaiting: MAX_WAITING }),
  ) {
    this.#hashing = hashing;
    this.#gate = gate;
  }

  /**
   * Makes the verifier of a new password.
   *
   * @param contextWords see {@link checkPasswordStrength}
   * @throws AccountError PASSWORD_TOO_WEAK, NEW_PASSWORD_TOO_LONG, SIGN_IN_BUSY
   */
  async hashNew(password: string, contextWords: readonly string[]): Promise<string> {
    const strength = checkPasswordStrength(password, contextWords);
    if (!strength.isAccepted) {
      throw new AccountError('PASSWORD_TOO_WEAK', 'The password is too easy to guess.', {
        facts: { score: strength.score, hints: strength.hints },
        remedy: strength.hints.join(' '),
      });
    }
    try {
      return await this.#inTurn(() => this.#hashing.hashPassword(password));
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
  async check(password: string, verifier: string | undefined): Promise<PasswordVerdict> {
    try {
      const { needsRehash } = await this.#inTurn(() =>
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
  async hashAgain(password: string): Promise<string> {
    return await this.#inTurn(() => this.#hashing.hashPassword(password));
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const leave = await this.#gate.enter();
    if (leave === undefined) {
      throw new AccountError('SIGN_IN_BUSY', 'The server checks too many passwords at the moment.', {
        retry: 'safe',
        remedy: 'Try again in a few seconds.',
      });
    }
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
