import type { AuditRecord } from '../../platform/audit/audit.ts';
import type { AuditAction } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import type { Actor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { addressKey } from '../../platform/rate-limit/token-buckets.ts';
import type { AccessEndings } from './access-endings.ts';
import { AccountError } from './account.errors.ts';
import {
  type AdministratorRow,
  findAdministrator,
  findAdministratorByName,
  findAdministratorForUpdate,
  replaceVerifier,
  setPassword,
} from './administrators.store.ts';
import type { Credentials } from './credentials.service.ts';
import { FailureAudit } from './failure-audit.ts';
import { provenCaller } from './proven-caller.ts';
import type { PasswordCaller } from './password-queue.ts';
import type { PasswordWork } from './password-work.ts';
import { hashSecret, isOpaqueSecret } from './secret-text.ts';
import { startSession, type StartedSession } from './session-start.service.ts';
import { deleteSession, deleteSessionsOf, findSessionOwner } from './sessions.store.ts';
import type { SignInAttempt, SignInThrottle } from './sign-in-throttle.service.ts';

export interface SignInParts {
  readonly credentials: Pick<Credentials, 'lockAccounts'>;
  readonly passwords: PasswordWork;
  readonly throttle: SignInThrottle;
  readonly endings: AccessEndings;
  /** Words that everybody knows of this server, e.g. its name: weak in a password. */
  readonly knownWords: readonly string[];
}

type SignInPlatform = Pick<
  Platform,
  'database' | 'clock' | 'log' | 'recordAuditEntry' | 'recordEvents' | 'createId'
>;

/** Signing in and out, and the own password. */
export class SignInService {
  readonly #platform: SignInPlatform;
  readonly #parts: SignInParts;
  readonly #failures: FailureAudit;

  constructor({ platform, ...parts }: SignInParts & { readonly platform: SignInPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
    this.#failures = new FailureAudit(platform.clock);
  }

  /**
   * `replacedToken` is the session that the browser still carries; it ends. Nobody works for a caller of whom `isWanted`
   * says no.
   *
   * @throws AccountError SIGN_IN_REFUSED (the same for every reason), SIGN_IN_THROTTLED, SIGN_IN_BUSY
   */
  async signIn(
    input: { readonly name: string; readonly password: string },
    request: RequestFacts,
    {
      replacedToken,
      isWanted,
    }: { readonly replacedToken?: string | undefined; readonly isWanted: () => boolean },
  ): Promise<StartedSession> {
    const { passwords, throttle } = this.#parts;
    const attempt = await throttle.beginAttempt(input.name, request.remoteAddress);
    const account = await findAdministratorByName(this.#platform.database, input.name);
    const verifier = account?.state === 'active' ? (account.password_verifier ?? undefined) : undefined;
    const caller: PasswordCaller = {
      lane: attempt.isKnown ? 'known' : 'stranger',
      network: addressKey(request.remoteAddress),
      isWanted,
    };
    const verdict = await this.#orWithdraw(attempt, () => passwords.check(input.password, verifier, caller));
    if (verdict === 'wrong' || account === undefined || verifier === undefined) {
      await this.#recordFailure('sign-in.failed', account, attempt, request);
      throw createRefusal();
    }
    const started = await this.#start(account, verifier, attempt, request, replacedToken);
    if (verdict === 'outdated') await this.#renewVerifier(account.id, input.password, verifier, caller);
    return started;
  }

  async signOut(actor: Actor, request: RequestFacts): Promise<void> {
    const session = requireSession(actor);
    const { database, recordAuditEntry } = this.#platform;
    await inTransaction(database, async (transaction) => {
      if (!(await deleteSession(transaction, session.sessionId))) return;
      await recordAuditEntry(transaction, actor, describe('session.ended', session), request);
    });
    this.#parts.endings.publish('session', [session.sessionId]);
  }

  /** @throws AccountError CURRENT_PASSWORD_WRONG, PASSWORD_TOO_WEAK, SIGN_IN_THROTTLED, SIGN_IN_BUSY, SESSION_NEEDED */
  async changeOwnPassword(
    actor: Actor,
    input: { readonly currentPassword: string; readonly newPassword: string },
    request: RequestFacts,
  ): Promise<void> {
    const session = requireSession(actor);
    const { database, clock, recordAuditEntry, recordEvents } = this.#platform;
    const { passwords, throttle } = this.#parts;
    // A stolen session must not become a place to guess the password.
    const caller = provenCaller(request);
    const attempt = await throttle.beginInSession(session.sessionId);
    const account = await findAdministrator(database, session.id);
    const verifier = account?.password_verifier ?? undefined;
    const verdict = await this.#orWithdraw(attempt, () =>
      passwords.check(input.currentPassword, verifier, caller),
    );
    if (verdict === 'wrong' || account === undefined || verifier === undefined) {
      await this.#recordFailure('password.change-failed', account, attempt, request);
      throw createWrongPasswordError();
    }
    const known = [account.name, account.display_name, ...this.#parts.knownWords];
    const newVerifier = await this.#orWithdraw(attempt, () =>
      passwords.hashNew(input.newPassword, known, caller),
    );
    const ended = await inTransaction(database, async (transaction) => {
      // A hash takes its time: the session may have ended meanwhile.
      await this.#parts.credentials.lockAccounts(transaction, actor);
      const current = await findAdministratorForUpdate(transaction, account.id);
      if (current?.password_verifier !== verifier) throw createWrongPasswordError();
      await setPassword(transaction, account.id, newVerifier, new Date(clock.now()));
      await throttle.recordSuccess(transaction, attempt);
      const others = await deleteSessionsOf(transaction, account.id, session.sessionId);
      await recordEvents(transaction, {
        type: 'administrator.password-changed',
        objectId: account.id,
        data: { name: account.name },
      });
      const entry = describe('password.changed', session);
      await recordAuditEntry(
        transaction,
        actor,
        { ...entry, details: { endedSessions: others.length } },
        request,
      );
      return others;
    });
    this.#parts.endings.publish('session', ended);
  }

  /** What ends without a decision about the password is not counted against the name. */
  async #orWithdraw<Result>(attempt: SignInAttempt, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      await this.#parts.throttle.withdraw(attempt);
      throw error;
    }
  }

  async #start(
    account: AdministratorRow,
    verifier: string,
    attempt: SignInAttempt,
    request: RequestFacts,
    replacedToken: string | undefined,
  ): Promise<StartedSession> {
    const { database, clock, createId, recordAuditEntry } = this.#platform;
    const replaced = await this.#findReplaced(replacedToken);
    const started = await inTransaction(database, async (transaction) => {
      // Between the check of the password and now the account may have been disabled or got another password.
      const current = await findAdministratorForUpdate(transaction, account.id);
      if (current?.state !== 'active' || current.password_verifier !== verifier) throw createRefusal();
      if (replaced !== undefined) await deleteSession(transaction, replaced);
      const session = await startSession(transaction, current, {
        sessionId: createId(),
        nowMs: clock.now(),
        request,
      });
      await this.#parts.throttle.recordSuccess(transaction, attempt);
      await recordAuditEntry(transaction, session.actor, describe('session.started', session.actor), request);
      return session;
    });
    if (replaced !== undefined) this.#parts.endings.publish('session', [replaced]);
    return started;
  }

  async #findReplaced(token: string | undefined): Promise<string | undefined> {
    if (token === undefined || !isOpaqueSecret(token)) return undefined;
    const owner = await findSessionOwner(this.#platform.database, { tokenHash: hashSecret(token) });
    return owner?.sessionId;
  }

  async #renewVerifier(
    administratorId: string,
    password: string,
    verifier: string,
    caller: PasswordCaller,
  ): Promise<void> {
    try {
      const renewed = await this.#parts.passwords.hashAgain(password, { ...caller, lane: 'known' });
      await replaceVerifier(this.#platform.database, administratorId, verifier, renewed);
    } catch (error) {
      // The old verifier still works; the next sign-in tries again.
      this.#platform.log.warn({ err: error }, 'a password verifier could not be renewed');
    }
  }

  async #recordFailure(
    action: AuditAction,
    account: AdministratorRow | undefined,
    attempt: SignInAttempt,
    request: RequestFacts,
  ): Promise<void> {
    const admitted = this.#failures.admit();
    if (admitted === undefined) return;
    const { database, recordAuditEntry } = this.#platform;
    const details = {
      failures: attempt.failures,
      account: account?.state ?? 'unknown',
      ...(admitted.suppressedBefore === 0 ? {} : { notRecordedBefore: admitted.suppressedBefore }),
    };
    await inTransaction(database, async (transaction) => {
      await recordAuditEntry(
        transaction,
        { kind: 'anonymous' },
        {
          action,
          objectKind: 'administrator',
          objectId: account?.id ?? '',
          // A name that nobody has may be a password in the wrong field, so it is not kept.
          objectName: account?.name ?? '(unknown name)',
          details,
        },
        request,
      );
    });
  }
}

/** @throws AccountError SESSION_NEEDED for API keys: they have neither session nor password */
export function requireSession(actor: Actor): Extract<Actor, { kind: 'administrator' }> {
  if (actor.kind === 'administrator') return actor;
  if (actor.kind !== 'api-key')
    throw new AccessError('NOT_SIGNED_IN', 'This needs a signed-in administrator.');
  throw new AccountError('SESSION_NEEDED', 'This concerns the account of a person; an API key has none.', {
    remedy: 'Sign in to the console.',
  });
}

function describe(
  action: AuditAction,
  actor: { readonly sessionId: string; readonly name: string },
): AuditRecord {
  return { action, objectKind: 'session', objectId: actor.sessionId, objectName: actor.name };
}

function createRefusal(): AccountError {
  return new AccountError('SIGN_IN_REFUSED', 'Name or password is wrong, or the account cannot sign in.', {
    remedy: 'Check the name and the password. If it still fails, ask an enterprise administrator.',
  });
}

function createWrongPasswordError(): AccountError {
  return new AccountError('CURRENT_PASSWORD_WRONG', 'The current password is wrong.', {
    remedy: 'Type the password with which you sign in now.',
  });
}
