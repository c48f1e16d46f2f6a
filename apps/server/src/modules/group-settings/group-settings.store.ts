import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './group-settings.tables.ts';
import { type GroupSayings, listFields } from './inheritance.ts';
import { readStored, type Saying, type SettingsDefinition } from './settings-definition.ts';

interface Row {
  readonly group_id: string;
  readonly name: string;
  readonly path: string[];
  readonly revision: number;
  readonly value: unknown;
  readonly locked: string[];
}

/** What each group says that is not in the recycle bin; by id. */
export async function listSayings<Values extends object>(
  db: Database,
  definition: SettingsDefinition<Values>,
): Promise<Map<string, GroupSayings<Values>>> {
  const { rows } = await sql<Row>`
    select s.group_id, g.name, g.path::text[] as path, s.revision, s.value, s.locked
    from group_setting s join directory_group g on g.id = s.group_id
    where s.kind = ${definition.kind} and g.removed_item_id is null order by s.group_id`.execute(db);
  return new Map(
    rows.map((row) => [
      row.group_id,
      {
        groupId: row.group_id,
        groupName: row.name,
        path: row.path,
        revision: row.revision,
        ...readStored(definition, row),
      },
    ]),
  );
}

/** One writer of a kind at a time: whether a change is allowed depends on what other groups say. */
export async function lockSayings(transaction: Transaction, kind: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`group settings ${kind}`}, 0))`.execute(
    transaction,
  );
}

/** False when the stored revision is not the one that the writer saw; 0 where nothing was stored. */
export async function saveSaying<Values extends object>(
  transaction: Transaction,
  definition: SettingsDefinition<Values>,
  change: {
    readonly groupId: string;
    readonly seenRevision: number;
    readonly saying: Saying<Values>;
    readonly changedAt: Date;
    readonly changedBy: string;
  },
): Promise<boolean> {
  const { groupId, seenRevision, changedAt, changedBy } = change;
  const { kind } = definition;
  const value = JSON.stringify(change.saying.own);
  const locked = [...change.saying.locked];
  if (seenRevision === 0) {
    const inserted = await transaction
      .insertInto('group_setting')
      .values({
        group_id: groupId,
        kind,
        revision: 1,
        value,
        locked,
        changed_at: changedAt,
        changed_by: changedBy,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const known: string[] = listFields(definition.fields);
  // Fields of a later release, which this one does not know, stay as they are.
  const { numAffectedRows } = await sql`
    update group_setting set
      revision = ${seenRevision + 1},
      value = (value - ${known}::text[]) || ${value}::jsonb,
      locked = array(select name from unnest(locked) name where name <> all(${known}::text[])) || ${locked}::text[],
      changed_at = ${changedAt},
      changed_by = ${changedBy}
    where group_id = ${groupId} and kind = ${kind} and revision = ${seenRevision}`.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}
