/**
 * Who may act: administrators and their passwords, sessions, roles and grants, API keys, and the one-time links that
 * create accounts.
 * Promises that no secret is stored in the clear, that ending an access takes effect at the next request, that
 * there is always an active enterprise administrator, and that guessing is slow without shutting owners out. It
 * does not decide about objects: each module asks `requirePermission` with the object's group.
 */
import type { Permission } from '@holdfast/api';
import type { Actor, SignedInActor } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { type AccessEnding, AccessEndings } from './access-endings.ts';
import { accessEvents } from './access.events.ts';
import { registerAccessRoutes } from './access.routes.ts';
import './access.tables.ts';
import { accountErrorStatus } from './account.errors.ts';
import { AdministratorService } from './administrators.service.ts';
import { ApiKeyService } from './api-keys.service.ts';
import { deleteExpiredApiKeys, findApiKey } from './api-keys.store.ts';
import { type FindGroupPath, GrantService } from './grants.service.ts';
import { Credentials } from './credentials.service.ts';
import { deleteOldLinks } from './one-time-links.store.ts';
import { PasswordCheckService } from './password-check.service.ts';
import { type PasswordHashing, PasswordWork } from './password-work.ts';
import { defaultSessionLimits, type SessionLimits } from './session-life.ts';
import { deleteEndedSessions } from './sessions.store.ts';
import { issueSetupLink, type SetupLink } from './setup-link.service.ts';
import { RecoveryService } from './recovery.service.ts';
import { RoleService } from './roles.service.ts';
import { SetupService } from './setup.service.ts';
import { SignInService } from './sign-in.service.ts';
import { SignInThrottle } from './sign-in-throttle.service.ts';

export type { AccessEnding } from './access-endings.ts';
export { AccountError } from './account.errors.ts';
export type { PasswordHashing } from './password-work.ts';
export type { SessionLimits } from './session-life.ts';
export { issueRecoveryLink } from './recovery.service.ts';
export { issueSetupLink, type SetupLink, type SetupLinkParts } from './setup-link.service.ts';

export interface AccessDependencies {
  readonly platform: Pick<
    Platform,
    | 'database'
    | 'clock'
    | 'log'
    | 'jobs'
    | 'events'
    | 'ticks'
    | 'recordAuditEntry'
    | 'recordEvents'
    | 'createId'
    | 'registerRoute'
    | 'server'
  >;
  readonly findGroupPath: FindGroupPath;
  readonly sessionLimits?: SessionLimits;
  /** Tests take something quicker than the real one. */
  readonly passwordHashing?: PasswordHashing;
}

export interface AccessModule {
  /** Sessions and API keys; products are known elsewhere. */
  readonly credentials: Pick<Credentials, 'authenticateSession' | 'authenticateApiKey' | 'lookAgain'>;
  /** The same caller as of now; undefined when it may nothing any more. */
  findActor(actor: SignedInActor): Promise<SignedInActor | undefined>;
  /** The administrator who acts, or in whose name a key acts; undefined where there is none. */
  findAdministratorBehind(actor: Actor, db?: Database): Promise<string | undefined>;
  /** What an administrator may do now on everything; nothing for one who is disabled or gone. */
  listPermissionsEverywhere(administratorId: string, db?: Database): Promise<readonly Permission[]>;
  /** Calls back at once when a session or key of this process has ended. */
  onAccessEnded(listener: (ending: AccessEnding) => void): () => void;
  /** Calls back at once when this process has changed what some callers may do. */
  onAccessChanged(listener: () => void): () => void;
  /** The link for the first administrator, or undefined when there is one. */
  issueSetupLink(): Promise<SetupLink | undefined>;
  /** Writes what is still in memory. */
  stop(): Promise<void>;
}

const KEY_USE_INTERVAL_MS = 30_000;
// So long after its end the holder of a link still learns that it is used or expired.
const OLD_LINK_MS = 30 * 86_400_000;
// So long after its end a key still stands in the list, for whoever wonders why a program is refused.
const EXPIRED_KEY_MS = 7 * 86_400_000;

export function createAccessModule(dependencies: AccessDependencies): AccessModule {
  const { platform, findGroupPath } = dependencies;
  const sessionLimits = dependencies.sessionLimits ?? defaultSessionLimits;
  const endings = new AccessEndings();
  const passwords = new PasswordWork(dependencies.passwordHashing);
  const throttle = new SignInThrottle(platform.database, platform.clock);
  const credentials = new Credentials(platform, sessionLimits);
  const grants = new GrantService({ platform, credentials, endings, findGroupPath });
  const knownWords = [platform.server.name];

  registerErrorStatus(accountErrorStatus);
  platform.events.define(accessEvents);
  registerAccessRoutes(platform, {
    setup: new SetupService({ platform, passwords, knownWords }),
    passwordCheck: new PasswordCheckService({ platform, passwords, credentials, knownWords }),
    recovery: new RecoveryService({ platform, passwords, throttle, endings, knownWords }),
    signIn: new SignInService({ platform, credentials, passwords, throttle, endings, knownWords }),
    administrators: new AdministratorService({ platform, credentials, endings, grants, sessionLimits }),
    grants,
    roles: new RoleService({ platform, credentials, endings }),
    apiKeys: new ApiKeyService({ platform, credentials, endings, findGroupPath }),
  });

  platform.ticks.every('access.key-uses', KEY_USE_INTERVAL_MS, async () => await credentials.writeKeyUses());
  platform.jobs.registerPruning({
    what: 'ended sessions',
    async prune(now) {
      const ended = await deleteEndedSessions(platform.database, {
        createdAt: new Date(now.getTime() - sessionLimits.absoluteMs),
        lastUsedAt: new Date(now.getTime() - sessionLimits.idleMs),
      });
      endings.publish('session', ended);
      return ended.length;
    },
  });
  platform.jobs.registerPruning({
    what: 'used and expired links',
    prune: async (now) => await deleteOldLinks(platform.database, new Date(now.getTime() - OLD_LINK_MS)),
  });
  platform.jobs.registerPruning({
    what: 'expired API keys',
    prune: async (now) =>
      await deleteExpiredApiKeys(platform.database, new Date(now.getTime() - EXPIRED_KEY_MS)),
  });
  platform.jobs.registerPruning({
    what: 'traces of old sign-ins',
    prune: async (now) => await throttle.forgetOld(now),
  });

  return {
    credentials,
    findActor: async (actor) => await credentials.findActor(actor),
    async findAdministratorBehind(actor, db = platform.database) {
      if (actor.kind === 'administrator') return actor.id;
      return actor.kind === 'api-key' ? (await findApiKey(db, actor.id))?.owner_id : undefined;
    },
    listPermissionsEverywhere: (administratorId, db) => grants.listEverywhere(administratorId, db),
    onAccessEnded: (listener) => endings.subscribe(listener),
    onAccessChanged: (listener) => endings.subscribeChanges(listener),
    async issueSetupLink() {
      // The person who sets the server up sits in front of it more often than not.
      const addresses = platform.server.publicAddresses();
      const local = addresses.find((address) => new URL(address).hostname === 'localhost');
      return await issueSetupLink(platform, local ?? addresses[0] ?? 'https://localhost:8443');
    },
    stop: async () => await credentials.writeKeyUses(),
  };
}
