import { randomBytes } from 'node:crypto';
import { type Clock, createUuidV7 } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createModules, type ModuleOptions, type Modules } from './modules.ts';
import type { Authentication } from './platform/access/authentication.ts';
import { AuditChainer } from './platform/audit/audit-chainer.service.ts';
import type { HeadMemory } from './platform/audit/audit-head-file.ts';
import { ClockWitness } from './platform/clock/clock-witness.store.ts';
import type { OpenDatabase } from './platform/database/database.ts';
import { createDomainEvents, type EventKeeping } from './platform/events/domain-events.ts';
import { installConsole } from './platform/http/console-routes.ts';
import { type DownloadLimits, defaultDownloadLimits } from './platform/http/download-places.ts';
import { Downloads } from './platform/http/download-routes.ts';
import { EventStreams } from './platform/http/event-stream.ts';
import { installHttpMetrics } from './platform/http/http-metrics.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './platform/http/http-server.ts';
import { installPlatformRoutes } from './platform/http/platform-routes.ts';
import { JobRunner } from './platform/jobs/job-runner.ts';
import type { ServerKeys } from './platform/keys/server-keys.ts';
import { createLocalLiveViews } from './platform/live/local-live-views.ts';
import type { Platform } from './platform/platform.ts';
import type { ServerState } from './platform/server-state.ts';
import type { Ticks } from './platform/ticks/ticks.ts';

export interface AppOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly database: OpenDatabase;
  readonly keys: ServerKeys;
  readonly ticks: Ticks;
  readonly server: ServerState;
  readonly http: Omit<HttpServerOptions, 'clock' | 'log' | 'createId'>;
  /** Folder of the built console. */
  readonly consoleFolder: string;
  /** True for a process that is one server: its memory and event loop are measured too. */
  readonly isProcessMeasured?: boolean;
  readonly moduleOptions?: ModuleOptions;
  readonly downloadLimits?: DownloadLimits | undefined;
  readonly eventKeeping?: EventKeeping | undefined;
  /** Where the newest entry of the audit log is remembered, outside the database. */
  readonly auditHeadMemory?: HeadMemory | undefined;
  /** Tests put their own callers in front of the real ones. */
  readonly wrapAuthentication?: (authentication: Authentication) => Authentication;
}

/** The server as an object: everything wired, nothing started, no port open. */
export interface App {
  readonly platform: Platform;
  readonly modules: Modules;
  readonly jobs: JobRunner;
  readonly http: HttpServer;
  /** Reads state back and makes the routes ready. After it the server may listen. */
  start(): Promise<void>;
  /** Ends streams and downloads, lets other requests finish, stops jobs, ticks and modules. The database is the caller's to close. */
  stop(): Promise<void>;
}

/** What the library says of any process, but for the delays that it would wake the process a hundred times a second to measure. */
function measureProcess(metrics: Registry): void {
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 2 ** 31 - 1 });
  for (const kind of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    metrics.removeSingleMetric(`nodejs_eventloop_lag_${kind}_seconds`);
}

/** Composition root: plain code, in the order of dependencies. */
export async function createApp(options: AppOptions): Promise<App> {
  const { clock, log, database, ticks } = options;
  const createId = (): string => createUuidV7(clock.now(), randomBytes(10));
  const http = await createHttpServer({ ...options.http, clock, log, createId });
  const eventStreams = new EventStreams();
  const downloads = new Downloads(http.app, options.downloadLimits ?? defaultDownloadLimits);
  const metrics = new Registry();
  if (options.isProcessMeasured === true) measureProcess(metrics);
  installHttpMetrics(http, metrics);
  const live = createLocalLiveViews(log);
  const clockWitness = new ClockWitness({ database: database.db, clock, log });
  const events = createDomainEvents({
    database: database.db,
    clock,
    clockWitness,
    log,
    ticks,
    createId,
    metrics,
    keeping: options.eventKeeping,
  });
  const auditChainer = new AuditChainer({
    database: database.db,
    clock,
    log,
    createId,
    headMemory: options.auditHeadMemory,
  });
  const { timeZone } = options.server;
  const jobs = new JobRunner({
    database: database.db,
    clock,
    clockWitness,
    log,
    events,
    live,
    ticks,
    metrics,
    createId,
    timeZone,
  });
  const platform: Platform = {
    database: database.db,
    preparedDatabase: database.preparedDb,
    clock,
    clockWitness,
    log,
    events,
    recordEvents: events.record,
    live,
    ticks,
    jobs,
    keys: options.keys,
    recordAuditEntry: auditChainer.record,
    recordAuditEntries: auditChainer.recordAll,
    chainAuditEntries: async () => await auditChainer.chain(),
    createId,
    registerRoute: http.registerRoute,
    registerMcpRoute: http.registerMcpRoute,
    registerHotMcpRoute: http.registerHotMcpRoute,
    registerMcpFiles: http.registerMcpFiles,
    registerDownload: downloads.register,
    eventStreams,
    server: options.server,
    metrics,
  };
  const modules = createModules(platform, jobs, options.moduleOptions);
  http.useAuthentication(options.wrapAuthentication?.(modules.authentication) ?? modules.authentication);

  installPlatformRoutes(http.app, {
    clock,
    metrics,
    version: options.server.version,
    probeDatabase: async () => await database.probe(),
    contractRoutes: http.contractRoutes,
  });
  await installConsole(http.app, options.consoleFolder);

  return {
    platform,
    modules,
    jobs,
    http,
    async start() {
      await events.start();
      await auditChainer.start(ticks);
      await modules.start();
      await jobs.start();
      await http.app.ready();
    },
    async stop() {
      eventStreams.stop();
      downloads.stop();
      modules.endStreams();
      await http.app.close();
      await jobs.stop();
      await ticks.stop();
      await modules.stop();
      await events.stop();
    },
  };
}
