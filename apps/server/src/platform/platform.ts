import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { RecordAuditEntries, RecordAuditEntry } from './audit/audit.ts';
import type { ClockWitness } from './clock/clock-witness.store.ts';
import type { Database } from './database/database.ts';
import type { RecordEvents } from './events/domain-event.ts';
import type { DomainEventsService } from './events/domain-events.ts';
import type { EventStreams } from './http/event-stream.ts';
import type { RegisterDownload } from './http/download-routes.ts';
import type {
  RegisterHotMcpRoute,
  RegisterMcpFiles,
  RegisterMcpRoute,
  RegisterRoute,
} from './http/route-registrar.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { ServerKeys } from './keys/server-keys.ts';
import type { LiveViews } from './live/live-views.ts';
import type { ServerState } from './server-state.ts';
import type { Ticks } from './ticks/ticks.ts';

/** What every module may use. Each module asks for the parts it needs (`Pick<Platform, 'database' | 'clock'>`). */
export interface Platform {
  readonly database: Database;
  /** For the few short statements that run for every product: prepared once on each connection. */
  readonly preparedDatabase: Database;
  readonly clock: Clock;
  /** Asked before anything is deleted because it is old. */
  readonly clockWitness: Pick<ClockWitness, 'isBelievable'>;
  readonly log: Logger;
  /** What happened: what there is to hear, and who hears it. */
  readonly events: DomainEventsService;
  readonly recordEvents: RecordEvents;
  readonly live: LiveViews;
  readonly ticks: Ticks;
  readonly jobs: Jobs;
  readonly keys: ServerKeys;
  readonly recordAuditEntry: RecordAuditEntry;
  readonly recordAuditEntries: RecordAuditEntries;
  /** Returns when every entry of the audit log that was committed before stands in its chain; for whoever reads it. */
  readonly chainAuditEntries: () => Promise<void>;
  /** A new UUID v7. */
  readonly createId: () => string;
  readonly registerRoute: RegisterRoute;
  readonly registerMcpRoute: RegisterMcpRoute;
  readonly registerHotMcpRoute: RegisterHotMcpRoute;
  readonly registerMcpFiles: RegisterMcpFiles;
  /** Files for everybody. */
  readonly registerDownload: RegisterDownload;
  /** Opens answers that stay open; they end when the server stops. */
  readonly eventStreams: EventStreams;
  /** Where this server is and what it runs on. */
  readonly server: ServerState;
  /** Prometheus metrics; names begin with `holdfast_`. */
  readonly metrics: Registry;
}
