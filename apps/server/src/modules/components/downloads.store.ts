import type { ComponentDownload } from '@holdfast/api';
import type { Selectable } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { ComponentDownloadTable } from './components.tables.ts';

const UNFINISHED = ['waiting', 'running'] as const;

/** The newest first. */
export async function listDownloads(db: Database, limit: number): Promise<ComponentDownload[]> {
  const rows = await db
    .selectFrom('component_download')
    .selectAll()
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toDownload);
}

export async function findUnfinishedDownload(db: Database): Promise<ComponentDownload | undefined> {
  const row = await db
    .selectFrom('component_download')
    .selectAll()
    .where('state', 'in', UNFINISHED)
    .executeTakeFirst();
  return row && toDownload(row);
}

export async function insertDownload(
  transaction: Transaction,
  download: { readonly id: string; readonly requestedBy: string; readonly requestedAt: Date },
): Promise<ComponentDownload> {
  const row = await transaction
    .insertInto('component_download')
    .values({
      id: download.id,
      state: 'waiting',
      requested_by: download.requestedBy,
      requested_at: download.requestedAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toDownload(row);
}

/** Whoever was to do them does it no more: their job was cancelled. */
export async function endAbandonedDownloads(transaction: Transaction, now: Date): Promise<void> {
  await transaction
    .updateTable('component_download')
    .set({
      state: 'failed',
      ended_at: now,
      error_code: 'DOWNLOAD_CANCELLED',
      error: 'The job was cancelled before it was done.',
    })
    .where('state', 'in', UNFINISHED)
    .execute();
}

/** Nothing of one that is over. */
export async function saveProgress(
  db: Database,
  id: string,
  progress: { readonly doneBytes: number; readonly totalBytes: number; readonly sourceName: string },
): Promise<void> {
  await db
    .updateTable('component_download')
    .set({
      state: 'running',
      done_bytes: String(progress.doneBytes),
      total_bytes: progress.totalBytes,
      source_name: progress.sourceName,
    })
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .execute();
}

export async function saveSuccess(
  transaction: Transaction,
  id: string,
  end: { readonly newReleases: number; readonly sourceName: string; readonly endedAt: Date },
): Promise<void> {
  await transaction
    .updateTable('component_download')
    .set({
      state: 'succeeded',
      new_releases: end.newReleases,
      source_name: end.sourceName,
      ended_at: end.endedAt,
      error_code: null,
      error: null,
    })
    .where('id', '=', id)
    .execute();
}

/** With `endedAt` it is over; without, another attempt follows. */
export async function saveFailure(
  transaction: Transaction,
  id: string,
  failure: { readonly code: string; readonly message: string; readonly endedAt: Date | null },
): Promise<void> {
  await transaction
    .updateTable('component_download')
    .set({
      state: failure.endedAt === null ? 'waiting' : 'failed',
      ended_at: failure.endedAt,
      error_code: failure.code,
      error: failure.message.slice(0, 2_000),
    })
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .execute();
}

export async function deleteOldDownloads(db: Database, before: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('component_download')
    .where('ended_at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

function toDownload(row: Selectable<ComponentDownloadTable>): ComponentDownload {
  return {
    id: row.id,
    state: row.state,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    sourceName: row.source_name,
    doneBytes: Number(row.done_bytes),
    totalBytes: row.total_bytes === null ? null : Number(row.total_bytes),
    newReleases: row.new_releases,
    errorCode: row.error_code,
    error: row.error,
  };
}
