import type { Authentication } from './platform/access/authentication.ts';
import {
  createAccessModule,
  type PasswordHashing,
  type SessionLimits,
  type SetupLink,
} from './modules/access/index.ts';
import { createAuthorityModule } from './modules/authority/index.ts';
import { type AuditModule, createAuditModule } from './modules/audit/index.ts';
import { createCommunicationModule } from './modules/communication/index.ts';
import { createCommandsModule, type CommandsModule } from './modules/commands/index.ts';
import { type ComponentsModule, createComponentsModule } from './modules/components/index.ts';
import { createDatagramsModule, type DatagramsModule } from './modules/datagrams/index.ts';
import { createDirectoryModule, type DirectoryModule } from './modules/directory/index.ts';
import { createEventsModule, type EventsModule } from './modules/events/index.ts';
import { createGroupSettingsModule } from './modules/group-settings/index.ts';
import { type ArchiveSources, createInstallationModule } from './modules/installation/index.ts';
import { createInventoryModule } from './modules/inventory/index.ts';
import { createJobsModule } from './modules/jobs/index.ts';
import { createLogsModule } from './modules/logs/index.ts';
import { createNotesModule } from './modules/notes/index.ts';
import { createNotificationModule, type NotificationModule } from './modules/notification/index.ts';
import { createPresenceModule, type PresenceModule } from './modules/presence/index.ts';
import { createRegistrationModule } from './modules/registration/index.ts';
import { createSavedViewsModule } from './modules/saved-views/index.ts';
import { createSettingsModule, type SettingsModule } from './modules/settings/index.ts';
import { createSystemModule } from './modules/system/index.ts';
import { createTagsModule } from './modules/tags/index.ts';
import { createWebhooksModule, type WebhookRules } from './modules/webhooks/index.ts';
import type { JobRunner } from './platform/jobs/job-runner.ts';
import type { Platform } from './platform/platform.ts';

/** All modules of the server, wired together. */
export interface Modules {
  readonly authentication: Authentication;
  readonly settings: SettingsModule;
  readonly audit: AuditModule;
  readonly datagrams: DatagramsModule;
  readonly presence: PresenceModule;
  readonly directory: DirectoryModule;
  readonly commands: CommandsModule;
  readonly components: ComponentsModule;
  readonly events: EventsModule;
  readonly notification: NotificationModule;
  /** Called once, after the database is migrated and before the server listens: reads state back, binds UDP. */
  start(): Promise<void>;
  /** Called once, before the server waits for its open answers: ends those that have no end of their own. */
  endStreams(): void;
  /** Called once, after the last request: writes what is still in memory. */
  stop(): Promise<void>;
  /** A one-time link for the first administrator, or undefined when there is one already. */
  createSetupLink(): Promise<SetupLink | undefined>;
  /** A one-use enrolment token for an agent on this very computer, whose parent process asks for it. */
  createLocalEnrolmentToken(): Promise<string>;
}

/** What differs between a server and a test of it. */
export interface ModuleOptions {
  readonly passwordHashing?: PasswordHashing;
  readonly sessionLimits?: SessionLimits;
  readonly commandRetentionMs?: number;
  /** How many streams of notifications products may hold. */
  readonly heldStreamLimit?: number;
  readonly webhookRules?: Partial<WebhookRules>;
  /** What archives of the agent are made of. */
  readonly archiveSources?: ArchiveSources | undefined;
  /** Where components are kept. */
  readonly componentsFolder?: string | undefined;
}

/** Creates the modules in the order of their dependencies; each registers its own routes. */
export function createModules(
  platform: Platform,
  jobRunner: JobRunner,
  options: ModuleOptions = {},
): Modules {
  const settings = createSettingsModule({ platform });
  const datagrams = createDatagramsModule({ platform });
  const presence = createPresenceModule({ platform });
  const notification = createNotificationModule({
    platform,
    datagrams,
    products: presence,
    heldStreamLimit: options.heldStreamLimit,
  });
  datagrams.plugIn({
    recorder: presence.recorder,
    caller: notification.caller,
    catalogueVersion: () => components.catalogueVersion(),
  });
  presence.onLate((productNumber) => notification.askLate(productNumber));
  presence.onGone((productNumber) => notification.endCalls(productNumber));
  const directory = createDirectoryModule({ platform, presence, calls: notification });
  const target = notification.follow(presence);
  createGroupSettingsModule({ platform });
  const communication = createCommunicationModule({ platform, directory, settings, target });
  const registration = createRegistrationModule({
    platform,
    directory,
    datagrams,
    presence,
    communication,
    notification,
    settings,
  });
  settings.onServerAddressesChange(() => void notification.wantHandshakesOfAll());
  createInstallationModule({ platform, settings, sources: options.archiveSources });
  const components = createComponentsModule({
    platform,
    directory,
    folder: options.componentsFolder,
  });
  createInventoryModule({ platform, directory, presence });
  createTagsModule({ platform, directory });
  createNotesModule({ platform, directory });
  createSavedViewsModule({ platform, directory });
  const access = createAccessModule({ platform, findGroupPath: directory.findGroupPath, ...options });
  const commands = createCommandsModule({
    platform,
    directory,
    presence,
    onOrdered: (productNumbers) => notification.notifyCommandsWait(productNumbers),
    retentionMs: options.commandRetentionMs,
  });
  const logs = createLogsModule({ platform, presence });
  const events = createEventsModule({ platform, callers: access });
  const webhooks = createWebhooksModule({ platform, directory, access, rules: options.webhookRules });
  const audit = createAuditModule({ platform });
  createJobsModule({ platform, runner: jobRunner });
  const authority = createAuthorityModule({
    platform,
    countTrusting: async (fingerprint) => await directory.records.countTrusting(fingerprint),
  });
  createSystemModule({
    platform,
    authority,
    fleet: { productCount: () => presence.productCount(), udpPort: () => datagrams.udpPort() },
    readMemoryBytes: () => process.memoryUsage.rss(),
  });
  return {
    settings,
    audit,
    datagrams,
    presence,
    directory,
    commands,
    components,
    events,
    notification,
    authentication: {
      authenticateSession: async (token) => await access.credentials.authenticateSession(token),
      authenticateApiKey: async (key) => await access.credentials.authenticateApiKey(key),
      authenticateProduct: async (accessToken) => registration.authenticateProduct(accessToken),
      lookAgain: async (actor) =>
        actor.kind === 'product'
          ? registration.lookAtProductAgain(actor)
          : await access.credentials.lookAgain(actor),
    },
    async start() {
      events.start();
      await settings.start();
      await presence.load();
      await notification.start();
      await communication.start();
      presence.start();
      await datagrams.open(presence.productCount());
      await commands.start();
      logs.start();
      await components.start();
      await webhooks.start();
      await authority.start();
    },
    endStreams() {
      components.endTransfers();
      notification.endStreams();
    },
    async stop() {
      events.stop();
      await access.stop();
      notification.stop();
      await datagrams.close();
      await presence.stop();
    },
    createSetupLink: async () => await access.issueSetupLink(),
    createLocalEnrolmentToken: () => registration.createLocalEnrolmentToken(),
  };
}
