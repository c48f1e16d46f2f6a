import type { ClientBase } from 'pg';
import pg from 'pg';
import type { Sequences } from './backup-format.ts';

export interface TableDescription {
  readonly name: string;
  /** In the order of the table, without those that the database computes itself. */
  readonly columns: readonly string[];
}

/** Made by the migrations that a restore runs, and therefore in no backup. */
const BOOKKEEPING_TABLE = 'schema_migration';

/** Every table of ours, by name. */
export async function listTables(client: ClientBase): Promise<readonly TableDescription[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    // Partitions are left out: their rows come and go through the table that they are part of.
    `select c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> $1
     order by c.relname`,
    [BOOKKEEPING_TABLE],
  );
  return rows;
}

export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  /** As SQL, without the name. */
  readonly definition: string;
}

/**
 * Takes all foreign keys away until `addForeignKeys`. Tables may point to each other in a circle, so that no
 * order of loading would please the keys; putting them back checks every row.
 */
export async function dropForeignKeys(client: ClientBase): Promise<readonly ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    // Keys of partitions belong to the key of the whole table.
    `select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     where k.contype = 'f' and k.conparentid = 0 and k.connamespace = current_schema()::regnamespace
     order by c.relname, k.conname`,
  );
  for (const { table, name } of rows) {
    await client.query(
      `alter table ${pg.escapeIdentifier(table)} drop constraint ${pg.escapeIdentifier(name)}`,
    );
  }
  return rows;
}

export async function addForeignKeys(client: ClientBase, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys) {
    await client.query(
      `alter table ${pg.escapeIdentifier(table)} add constraint ${pg.escapeIdentifier(name)} ${definition}`,
    );
  }
}

/** Where every sequence stands. Read after the rows: it may be ahead of them and is never behind. */
export async function readSequences(client: ClientBase): Promise<Sequences> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'S' order by c.relname`,
  );
  const sequences: Sequences = [];
  for (const { name } of rows) {
    const state = await client.query<{ last_value: number; is_called: boolean }>(
      `select last_value, is_called from ${pg.escapeIdentifier(name)}`,
    );
    const { last_value: lastValue = 0, is_called: isCalled = false } = state.rows[0] ?? {};
    sequences.push({ name, lastValue, isCalled });
  }
  return sequences;
}

export async function restoreSequences(client: ClientBase, sequences: Sequences): Promise<void> {
  for (const { name, lastValue, isCalled } of sequences) {
    await client.query('select setval($1::regclass, $2, $3)', [
      pg.escapeIdentifier(name),
      lastValue,
      isCalled,
    ]);
  }
}

/** `table (column, column)`, quoted, for COPY. */
export function quoteTable(table: TableDescription): { readonly table: string; readonly columns: string } {
  return {
    table: pg.escapeIdentifier(table.name),
    columns: table.columns.map((column) => pg.escapeIdentifier(column)).join(', '),
  };
}
