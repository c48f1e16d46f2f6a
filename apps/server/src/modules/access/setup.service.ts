import type { AuditRecord } from '../../platform/audit/audit.ts';
import { type AuditAction, builtInRoleIds } from '@holdfast/api';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { AccountError } from './account.errors.ts';
import {
  activateWithPassword,
  type AdministratorRow,
  findAdministratorForUpdate,
  hasAnyAdministrator,
  insertAdministrator,
  lockAccounts,
} from './administrators.store.ts';
import { insertGrant } from './grants.store.ts';
import { describeAccountLink, openAccountLink, openLink } from './one-time-link-opening.service.ts';
import { assertUsable, createInvalidLinkError } from './one-time-link-use.ts';
import { claimOneTimeLink } from './one-time-links.store.ts';
import type { PasswordWork } from './password-work.ts';
import { provenCaller } from './proven-caller.ts';
import { hashSecret } from './secret-text.ts';
import { startSession, type StartedSession } from './session-start.service.ts';

type SetupPlatform = Pick<Platform, 'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'>;

export interface SetupParts {
  readonly passwords: PasswordWork;
  readonly knownWords: readonly string[];
}

const invitation = { kind: 'invitation', state: 'invited' } as const;

/** What one-time links open: the first account, and accounts that were invited. */
export class SetupService {
  readonly #platform: SetupPlatform;
  readonly #parts: SetupParts;

  constructor({ platform, ...parts }: SetupParts & { readonly platform: SetupPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  async isNeeded(): Promise<boolean> {
    return !(await hasAnyAdministrator(this.#platform.database));
  }

  /** Until when a set-up link can be used. @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED */
  async getLink(secret: string): Promise<{ expiresAt: string }> {
    const link = await openLink(this.#platform, secret, 'set-up');
    return { expiresAt: link.expires_at.toISOString() };
  }

  /** @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED, SETUP_ALREADY_DONE, PASSWORD_TOO_WEAK, SIGN_IN_BUSY */
  async createFirstAdministrator(
    input: {
      readonly secret: string;
      readonly name: string;
      readonly displayName?: string | undefined;
      readonly password: string;
    },
    request: RequestFacts,
  ): Promise<StartedSession> {
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    // The link comes first: without one nobody learns anything and nothing is hashed.
    await openLink(this.#platform, input.secret, 'set-up');
    if (!(await this.isNeeded())) throw createSetupDoneError();
    const displayName = input.displayName ?? input.name;
    const known = [input.name, displayName, ...this.#parts.knownWords];
    const verifier = await this.#parts.passwords.hashNew(input.password, known, provenCaller(request));
    return await inTransaction(database, async (transaction) => {
      // Two people with two links: the second waits here and then finds the first one's account.
      await lockAccounts(transaction);
      assertUsable(
        await claimOneTimeLink(transaction, hashSecret(input.secret), new Date(clock.now())),
        'set-up',
        clock.now(),
      );
      if (await hasAnyAdministrator(transaction)) throw createSetupDoneError();
      const account = await insertAdministrator(transaction, {
        id: createId(),
        name: input.name,
        displayName,
        state: 'active',
        passwordVerifier: verifier,
        createdAt: new Date(clock.now()),
      });
      await insertGrant(transaction, {
        id: createId(),
        administrator_id: account.id,
        role_id: builtInRoleIds.enterpriseAdministrator,
        group_id: null,
        created_at: account.created_at,
        created_by: account.name,
      });
      const session = await startSession(transaction, account, {
        sessionId: createId(),
        nowMs: clock.now(),
        request,
      });
      await recordEvents(transaction, {
        type: 'administrator.created',
        objectId: account.id,
        data: { name: account.name },
      });
      await recordAuditEntry(
        transaction,
        session.actor,
        {
          ...describeAccount('administrator.created', account),
          details: { by: 'set-up link' },
        },
        request,
      );
      return session;
    });
  }

  /** The account of an invitation. @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED */
  async getInvitation(secret: string): Promise<{ name: string; displayName: string; expiresAt: string }> {
    return describeAccountLink(await openAccountLink(this.#platform, secret, invitation));
  }

  /** @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED, PASSWORD_TOO_WEAK, SIGN_IN_BUSY */
  async acceptInvitation(
    input: { readonly secret: string; readonly password: string },
    request: RequestFacts,
  ): Promise<StartedSession> {
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const { account: invited } = await openAccountLink(this.#platform, input.secret, invitation);
    const known = [invited.name, invited.display_name, ...this.#parts.knownWords];
    const verifier = await this.#parts.passwords.hashNew(input.password, known, provenCaller(request));
    return await inTransaction(database, async (transaction) => {
      const now = new Date(clock.now());
      const account = await findAdministratorForUpdate(transaction, invited.id);
      const link = assertUsable(
        await claimOneTimeLink(transaction, hashSecret(input.secret), now),
        'invitation',
        now.getTime(),
      );
      // The account may have been disabled since the invitation.
      if (account?.state !== 'invited' || link.administrator_id !== account.id)
        throw createInvalidLinkError();
      await activateWithPassword(transaction, account.id, verifier, now);
      const session = await startSession(transaction, account, {
        sessionId: createId(),
        nowMs: now.getTime(),
        request,
      });
      await recordEvents(transaction, {
        type: 'administrator.joined',
        objectId: account.id,
        data: { name: account.name },
      });
      await recordAuditEntry(
        transaction,
        session.actor,
        describeAccount('invitation.accepted', account),
        request,
      );
      return session;
    });
  }
}

function createSetupDoneError(): AccountError {
  return new AccountError('SETUP_ALREADY_DONE', 'The first administrator exists already.', {
    remedy: 'Sign in, or ask an administrator for an invitation.',
  });
}

function describeAccount(action: AuditAction, account: AdministratorRow): AuditRecord {
  return { action, objectKind: 'administrator', objectId: account.id, objectName: account.name };
}
