import { type ComponentSchedule, isTimeZone, type Schedule } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Caller } from '../directory/index.ts';
import type { ComponentDownloadService } from './component-downloads.service.ts';
import { ComponentsError } from './components.errors.ts';
import { type DownloadSchedule, defaultDownloadSchedule, isDownloadDue } from './download-schedule.ts';
import { markScheduled, putSchedule, readSchedule, type ScheduleRecord } from './schedule.store.ts';
import { lockSources } from './sources.store.ts';

const REQUESTED_BY = 'Schedule';

/** Downloads that nobody asks for. */
export class ComponentScheduleService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'server' | 'recordAuditEntry'>;
  readonly #downloads: ComponentDownloadService;

  constructor(
    platform: Pick<Platform, 'database' | 'clock' | 'server' | 'recordAuditEntry'>,
    downloads: ComponentDownloadService,
  ) {
    this.#platform = platform;
    this.#downloads = downloads;
  }

  async get(actor: Actor): Promise<ComponentSchedule> {
    requirePermission(actor, 'components:read');
    return toSchedule(await readSchedule(this.#platform.database));
  }

  /** @throws ComponentsError COMPONENT_SCHEDULE_CHANGED, COMPONENT_SCHEDULE_INVALID */
  async set(
    { actor, request }: Caller,
    { revision, ...schedule }: DownloadSchedule & { readonly revision: number },
  ): Promise<ComponentSchedule> {
    requirePermission(actor, 'components:manage');
    assertUsable(schedule);
    const { database, recordAuditEntry } = this.#platform;
    return await inTransaction(database, async (transaction) => {
      await lockSources(transaction);
      const before = await readSchedule(transaction);
      if ((before?.revision ?? 0) !== revision)
        throw new ComponentsError(
          'COMPONENT_SCHEDULE_CHANGED',
          'The schedule was changed since you opened it.',
          {
            remedy: 'Look at it as it is now and make your change again.',
          },
        );
      const record: ScheduleRecord = {
        ...schedule,
        lastAt: before?.lastAt ?? null,
        revision: revision + 1,
      };
      await putSchedule(transaction, record);
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'component-schedule.changed',
          objectKind: 'component-schedule',
          objectId: 'component-schedule',
          objectName: 'Scheduled download',
          details: { ...schedule },
        },
        request,
      );
      return toSchedule(record);
    });
  }

  /** From time to time: begins one that is due. */
  async proceed(): Promise<void> {
    const { database, clock } = this.#platform;
    if (!this.#isDue(await readSchedule(database))) return;
    try {
      await inTransaction(database, async (transaction) => {
        await lockSources(transaction);
        const record = await readSchedule(transaction);
        if (!this.#isDue(record)) return;
        await this.#downloads.request(transaction, REQUESTED_BY);
        await markScheduled(transaction, record ?? toRecord(defaultDownloadSchedule), new Date(clock.now()));
      });
    } catch (error) {
      // As long as nobody has said from where and whose, there is nothing to begin.
      if (!(error instanceof AppError && NOTHING_TO_DO.has(error.code))) throw error;
    }
  }

  #isDue(record: ScheduleRecord | undefined): boolean {
    const { clock, server } = this.#platform;
    return isDownloadDue(record ?? defaultDownloadSchedule, {
      nowMs: clock.now(),
      lastAtMs: record?.lastAt?.getTime() ?? null,
      timeZone: server.timeZone,
    });
  }
}

const NOTHING_TO_DO: ReadonlySet<string> = new Set([
  'COMPONENT_ROOT_MISSING',
  'COMPONENT_SOURCES_MISSING',
  'COMPONENT_FOLDER_MISSING',
  'COMPONENT_DOWNLOAD_ENDING',
]);

function assertUsable({ startTime, everyMinutes, hours }: DownloadSchedule): void {
  if (startTime !== null && everyMinutes % 1_440 !== 0)
    throw createInvalid('A time of day goes with whole days alone.');
  if (hours === null) return;
  if (!isTimeZone(hours.timeZone)) throw createInvalid('This server does not know this time zone.');
  if (hours.week.every((day) => /^0+$/.test(day)))
    throw createInvalid('With no hours at all nothing would ever be downloaded.');
}

function createInvalid(message: string): ComponentsError {
  return new ComponentsError('COMPONENT_SCHEDULE_INVALID', message, {
    remedy: 'Choose another one, or turn it off.',
  });
}

function toRecord(schedule: DownloadSchedule): ScheduleRecord {
  return { ...schedule, lastAt: null, revision: 0 };
}

function toSchedule(record: ScheduleRecord = toRecord(defaultDownloadSchedule)): ComponentSchedule {
  const { isEnabled, everyMinutes, startTime, hours, lastAt, revision } = record;
  return {
    isEnabled,
    everyMinutes,
    startTime,
    hours: hours as Schedule | null,
    lastAt: lastAt?.toISOString() ?? null,
    revision,
  };
}
