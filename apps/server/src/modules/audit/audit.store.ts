import type { AuditEntry } from '@holdfast/api';
import { foldName, isUuid } from '@holdfast/kernel';
import { type SqlBool, sql } from 'kysely';
import { toChainedEntry } from '../../platform/audit/audit.store.ts';
import type { AuditFacts } from '../../platform/audit/audit.ts';
import type { ChainedEntry } from '../../platform/audit/audit-chain.ts';
import type { Database } from '../../platform/database/index.ts';

export interface AuditQuery {
  /** Part of a name, of an action or of an address, without regard to case. */
  readonly search?: string | undefined;
  readonly action?: string | undefined;
  readonly objectId?: string | undefined;
  readonly actorKind?: AuditEntry['actorKind'] | undefined;
  readonly actorName?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only entries older than this one. */
  readonly beforeSequence?: number | undefined;
  /** Roots of the groups whose entries the reader may see; null for all, and for entries that concern no group. */
  readonly scope: readonly string[] | null;
  readonly limit: number;
}

export interface AuditRow {
  readonly id: string;
  readonly seq: number;
  readonly occurred_at: Date;
  readonly actor_kind: AuditEntry['actorKind'];
  readonly actor_name: string;
  readonly action: string;
  readonly object_kind: string | null;
  readonly object_id: string | null;
  readonly object_name: string | null;
  readonly details: unknown;
  readonly remote_address: string | null;
  readonly request_id: string | null;
}

/** Newest first. Walks the index of sequences backwards, so that a page costs as much as it shows. */
export async function listAuditRows(database: Database, query: AuditQuery): Promise<AuditRow[]> {
  let select = database
    .selectFrom('audit_entry')
    .select([
      'id',
      'seq',
      'occurred_at',
      'actor_kind',
      'actor_name',
      'action',
      'object_kind',
      'object_id',
      'object_name',
      'details',
      'remote_address',
      'request_id',
    ])
    .orderBy('seq', 'desc')
    .limit(query.limit);
  const { search, action, objectId, actorKind, actorName, from, to, beforeSequence, scope } = query;
  if (action !== undefined) select = select.where('action', '=', action);
  if (objectId !== undefined) select = select.where('object_id', '=', objectId);
  if (actorKind !== undefined) select = select.where('actor_kind', '=', actorKind);
  if (actorName !== undefined) select = select.where('actor_name', '=', actorName);
  if (from !== undefined) select = select.where('occurred_at', '>=', from);
  if (to !== undefined) select = select.where('occurred_at', '<=', to);
  if (beforeSequence !== undefined) select = select.where('seq', '<', beforeSequence);
  if (search !== undefined) {
    const pattern = `%${foldName(search).replace(/[\\%_]/g, String.raw`\$&`)}%`;
    select = select.where(
      sql<SqlBool>`(fold_name(object_name) like ${pattern} or fold_name(actor_name) like ${pattern}
        or action like ${pattern} or host(remote_address) like ${pattern})`,
    );
  }
  if (scope !== null) {
    // The directory's table: an entry lies in the scope when its group does now, wherever the group has moved to.
    select = select.where(
      sql<SqlBool>`scope_group_id in (select id from directory_group where path && ${[...scope]}::uuid[])`,
    );
  }
  return (await select.execute()) as AuditRow[];
}

/** The next links of the chain in the order of writing. */
export async function listChain(
  database: Database,
  afterSequence: number,
  limit: number,
): Promise<ChainedEntry[]> {
  const rows = await database
    .selectFrom('audit_entry')
    .selectAll()
    .where('seq', '>', afterSequence)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(toChainedEntry);
}

/** Of these objects, the ids of those that lie in the scope now; removed ones lie where they lay. */
export async function listSeen(
  database: Database,
  objects: readonly AuditFacts['about'][],
  scope: readonly string[],
): Promise<ReadonlySet<string>> {
  const idsOf = (kind: AuditFacts['about']['kind']): string[] =>
    objects.flatMap((object) => (object.kind === kind && isUuid(object.id) ? [object.id] : []));
  const [groupIds, deviceIds] = [idsOf('group'), idsOf('device')];
  if (groupIds.length + deviceIds.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select id from directory_group where id = any(${groupIds}::uuid[]) and path && ${[...scope]}::uuid[]
    union all
    select d.id from device d join directory_group g on g.id = d.group_id
    where d.id = any(${deviceIds}::uuid[]) and g.path && ${[...scope]}::uuid[]`.execute(database);
  return new Set(rows.map(({ id }) => id));
}
