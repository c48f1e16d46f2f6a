import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './notes.tables.ts';

/** A note as it is stored. */
export interface NoteRecord {
  readonly id: string;
  readonly deviceId: string;
  readonly text: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Who wrote it, told from others of the same name. */
  readonly author: Author;
  /** Null for a note that is there, and where it was not kept. */
  readonly removedBy: Author | null;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
  readonly revision: number;
}

export interface Author {
  readonly kind: string;
  readonly id: string;
}

interface NoteRow {
  readonly id: string;
  readonly device_id: string;
  readonly text: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly author_kind: string;
  readonly author_id: string;
  readonly changed_at: Date | null;
  readonly changed_by: string | null;
  readonly revision: number;
  readonly removed_by_kind: string | null;
  readonly removed_by_id: string | null;
}

const COLUMNS = [
  'id',
  'device_id',
  'text',
  'created_at',
  'created_by',
  'author_kind',
  'author_id',
  'changed_at',
  'changed_by',
  'revision',
  'removed_by_kind',
  'removed_by_id',
] as const;

/** Newest first. The limit of notes on a device bounds it. */
export async function listNotes(db: Database, deviceId: string): Promise<NoteRecord[]> {
  const rows = await db
    .selectFrom('note')
    .select(COLUMNS)
    .where('device_id', '=', deviceId)
    .where('removed_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toRecord);
}

/** Locked: of two changes at once the second sees what the first one wrote. */
export async function lockNote(
  transaction: Transaction,
  noteId: string,
  state: 'present' | 'removed',
): Promise<NoteRecord | undefined> {
  const row = await transaction
    .selectFrom('note')
    .select(COLUMNS)
    .where('id', '=', noteId)
    .where('removed_at', state === 'present' ? 'is' : 'is not', null)
    .forUpdate()
    .executeTakeFirst();
  return row && toRecord(row);
}

/** Notes that are added to one device at once would both be counted before either is there. */
export async function lockNotesOf(transaction: Transaction, deviceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`notes of device ${deviceId}`}, 0))`.execute(
    transaction,
  );
}

/** With those that can be restored. */
export async function countNotes(db: Database, deviceId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from note where device_id = ${deviceId}`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function insertNote(transaction: Transaction, note: NoteRecord): Promise<void> {
  await transaction
    .insertInto('note')
    .values({
      id: note.id,
      device_id: note.deviceId,
      text: note.text,
      created_at: note.createdAt,
      created_by: note.createdBy,
      author_kind: note.author.kind,
      author_id: note.author.id,
    })
    .execute();
}

export async function writeNote(
  transaction: Transaction,
  note: Pick<NoteRecord, 'id' | 'text' | 'changedAt' | 'changedBy' | 'revision'>,
): Promise<void> {
  await transaction
    .updateTable('note')
    .set({
      text: note.text,
      changed_at: note.changedAt,
      changed_by: note.changedBy,
      revision: note.revision,
    })
    .where('id', '=', note.id)
    .execute();
}

/** Marks a note as removed, or with null as present again. */
export async function markNote(
  transaction: Transaction,
  noteId: string,
  removal: { readonly at: Date; readonly by: Author } | null,
): Promise<void> {
  await transaction
    .updateTable('note')
    .set({
      removed_at: removal?.at ?? null,
      removed_by_kind: removal?.by.kind ?? null,
      removed_by_id: removal?.by.id ?? null,
    })
    .where('id', '=', noteId)
    .execute();
}

/** Forgets notes whose removal can no longer be taken back. */
/** @returns how many */
export async function forgetRemovedNotes(db: Database, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from note where removed_at < ${before}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

function toRecord(row: NoteRow): NoteRecord {
  return {
    id: row.id,
    deviceId: row.device_id,
    text: row.text,
    createdAt: row.created_at,
    createdBy: row.created_by,
    author: { kind: row.author_kind, id: row.author_id },
    removedBy:
      row.removed_by_kind === null || row.removed_by_id === null
        ? null
        : { kind: row.removed_by_kind, id: row.removed_by_id },
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    revision: row.revision,
  };
}
