/**
 * What managed products report of themselves: takes their log entries, keeps them for a time, and shows them. Promises that an
 * acknowledged entry is on disk and there once, however often and however cut it was sent; that one product can fill neither
 * the disk nor the time of the server; and that a reader sees the entries of its own groups only. It does not judge what
 * entries mean, and it is not the log of the server itself.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { CLOCK_HAS_LEAPT } from '../../platform/clock/clock-witness.store.ts';
import { parseNoPayload } from '../../platform/jobs/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { PresenceModule } from '../presence/index.ts';
import { LogAnnouncer } from './log-announcer.service.ts';
import { LogDays } from './log-days.service.ts';
import { LogIntakeService } from './log-intake.service.ts';
import { LogListService } from './log-list.service.ts';
import { LogSettingsService } from './log-settings.service.ts';
import { logErrorStatus, logMessageStatus } from './logs.errors.ts';
import { logEvents } from './logs.events.ts';
import { registerLogRoutes } from './logs.routes.ts';
import './logs.tables.ts';

export interface LogsDependencies {
  readonly platform: Pick<
    Platform,
    | 'database'
    | 'clock'
    | 'clockWitness'
    | 'log'
    | 'events'
    | 'live'
    | 'jobs'
    | 'ticks'
    | 'recordAuditEntry'
    | 'recordEvents'
    | 'registerRoute'
    | 'registerMcpRoute'
  >;
  readonly presence: Pick<PresenceModule, 'recordSign'>;
}

export interface LogsModule {
  /** Begins the work in the background. */
  start(): void;
}

const ANNOUNCE_INTERVAL_MS = 500;

export function createLogsModule({ platform, presence }: LogsDependencies): LogsModule {
  const { database, ticks } = platform;
  const days = new LogDays(platform);
  const announcer = new LogAnnouncer(database, platform.live);
  const settings = new LogSettingsService({ platform });
  registerErrorStatus(logErrorStatus);
  registerErrorStatus(logMessageStatus);
  platform.events.define(logEvents);
  registerLogRoutes(platform, {
    intake: new LogIntakeService({ platform, days, announcer, life: presence }),
    list: new LogListService({ platform }),
    settings,
  });
  platform.jobs.register({
    kind: 'logs.keep',
    title: 'Keep the days of log entries',
    description:
      'Makes room for the log entries of the coming days, and drops the days that are older than the retention in the settings.',
    schedule: { cron: '47 * * * *' },
    parsePayload: parseNoPayload,
    async run() {
      const { retentionDays } = await settings.current();
      const dropped = await days.keep(retentionDays);
      return dropped === undefined ? { 'dropped nothing': CLOCK_HAS_LEAPT } : { 'days dropped': dropped };
    },
  });
  return {
    start() {
      ticks.every('logs.announce', ANNOUNCE_INTERVAL_MS, () => announcer.announce());
    },
  };
}
