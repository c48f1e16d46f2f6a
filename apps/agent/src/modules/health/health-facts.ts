import { X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { createBoundedRead } from '../../platform/bounded-read.ts';
import type { ComponentState } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import { readDiskFullSince } from '../disk-room/index.ts';
import { readInventorySentAt } from '../inventory/index.ts';
import {
  defaultJournalBounds,
  type JournalBounds,
  journalNames,
  type JournalSize,
  readJournalSizes,
} from '../logs/index.ts';
import { defaultOutboxBounds, type OutboxBounds, readOutboxSize } from '../outbox/index.ts';
import { readRefusals, type RefusalRecord } from '../refusals/index.ts';
import { createRegistrationStore } from '../registration/index.ts';
import { findConnection } from '../status/index.ts';
import { describeStates, readComponentRecords, readUpdateCheck, type UpdateCheck } from '../updates/index.ts';

const MAX_DISK_WAIT_MS = 2_000;

/** What a health check looks at. `undefined` where nothing tells. */
export interface HealthFacts {
  /** Server time minus ours. */
  readonly clockOffsetMs: number | undefined;
  readonly authorityExpiresAt: number | undefined;
  /** Since when the volume of the state folder is full or failing, as the agent found when it wrote; `undefined` when it is not. */
  readonly diskFullSince?: number | undefined;
  /** Of the volume of the state folder. */
  readonly freeBytes: number | undefined;
  readonly outbox: OutboxBounds & { readonly count: number; readonly bytes: number };
  readonly journals: readonly { readonly size: JournalSize; readonly bounds: JournalBounds }[];
  readonly inventorySentAt: number | undefined;
  /** Absent: none. */
  readonly refusals?: RefusalRecord;
  readonly connection:
    | {
        readonly isConnected: boolean;
        readonly transport: string;
        readonly transportReason: string;
        readonly lastFailureCode: string | undefined;
      }
    | undefined;
  /** Absent: there are none. */
  readonly components?: readonly ComponentState[];
  readonly updateCheck?: UpdateCheck;
  readonly isDatabaseSound: boolean;
  readonly residentBytes: number | undefined;
}

export interface HealthSources {
  /** Reading is enough. */
  readonly database: StateDatabase;
  /** Path of the state folder. */
  readonly home: string;
  /** Of the running agent. */
  readonly residentBytes: number | undefined;
  /** What the running agent knows of them; absent: as it last wrote it. */
  readonly refusals?: RefusalRecord;
  /** What the running agent knows; absent: as it last wrote it. */
  readonly diskFullSince?: number | undefined;
  /** False: what the record of the connection says is of a process that is gone. */
  readonly isRunning: boolean;
}

/** Reads the facts. Changes nothing, and does not wait for a disk that hangs. */
export async function readHealthFacts(sources: HealthSources): Promise<HealthFacts> {
  const { database, home, residentBytes, isRunning, refusals = readRefusals(sources.database) } = sources;
  const record = findConnection(database);
  const hasSpoken = record?.lastContactAt !== undefined;
  const sizes = readJournalSizes(database);
  const readBounded = createBoundedRead(MAX_DISK_WAIT_MS);
  const freeBytes = await readBounded(async () => {
    const { bsize, bavail } = await statfs(home);
    return bsize * bavail;
  });
  return {
    clockOffsetMs: hasSpoken ? record.clockOffsetMs : undefined,
    authorityExpiresAt: findAuthorityExpiry(database),
    diskFullSince: readDiskFullSince(database) ?? sources.diskFullSince,
    freeBytes,
    outbox: { ...defaultOutboxBounds, ...readOutboxSize(database) },
    journals: journalNames.map((name) => ({ size: sizes[name], bounds: defaultJournalBounds[name] })),
    inventorySentAt: readInventorySentAt(database),
    refusals,
    connection: hasSpoken
      ? {
          isConnected: isRunning && record.phase === 'connected',
          transport: record.transport,
          transportReason: record.transportReason,
          lastFailureCode: record.lastFailureCode,
        }
      : undefined,
    components: describeStates(readComponentRecords(database)),
    updateCheck: readUpdateCheck(database),
    isDatabaseSound: isSound(database),
    residentBytes,
  };
}

function findAuthorityExpiry(database: StateDatabase): number | undefined {
  const registration = createRegistrationStore(database).find();
  if (registration === undefined) return undefined;
  const expiresAt = Date.parse(new X509Certificate(registration.authorityCertificate).validTo);
  return Number.isNaN(expiresAt) ? undefined : expiresAt;
}

function isSound({ connection }: StateDatabase): boolean {
  try {
    const rows = connection.prepare('PRAGMA quick_check(1)').all();
    return rows.length === 1 && rows[0]?.['quick_check'] === 'ok';
  } catch {
    // A file that cannot even be read is not sound.
    return false;
  }
}
