import type { CommandState } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { StoredProgress } from './command-progress.ts';
import {
  canBeAsked,
  PROGRESS_COLUMNS,
  type ProgressColumns,
  readProgress,
  scopeCondition,
} from './command-sql.store.ts';
import type { CommandStep } from './command-state.ts';
import './commands.tables.ts';

export interface TargetRow {
  readonly id: string;
  readonly commandId: string;
  /** Null when the device is gone. */
  readonly deviceId: string | null;
  readonly deviceName: string;
  /** Ids from the top group down; null when the device is gone. */
  readonly groupPath: string[] | null;
  readonly productNumber: number;
  /** Of its command. */
  readonly isUrgent: boolean;
  readonly state: CommandState;
  readonly code: string | null;
  readonly detail: string;
  readonly steps: readonly CommandStep[];
  readonly result: Record<string, unknown> | null;
  readonly progress: StoredProgress | null;
  /** The product can be asked to end what it has begun. */
  readonly canBeAsked: boolean;
}

export interface TargetListQuery {
  readonly commandId: string;
  readonly state?: CommandState | undefined;
  readonly deviceId?: string | undefined;
  readonly afterProductNumber?: number | undefined;
  readonly limit: number;
}

const COLUMNS = sql`
  t.id, t.command_id as "commandId", d.id as "deviceId",
  coalesce(d.display_name, d.reported_name, t.device_name) as "deviceName", g.path::text[] as "groupPath",
  t.product_number as "productNumber", c.is_urgent as "isUrgent", t.state, t.code, t.detail, t.steps, t.result,
  ${PROGRESS_COLUMNS}, ${canBeAsked(sql`t.product_number`)} as "canBeAsked"
  from command_target t join command c on c.id = t.command_id left join device d on d.id = t.device_id left join directory_group g on g.id = d.group_id`;

type RawTarget = Omit<TargetRow, 'progress'> & ProgressColumns;

function toTargetRow(row: RawTarget): TargetRow {
  return { ...row, progress: readProgress(row) };
}

export async function listTargetRows(
  database: Database,
  query: TargetListQuery,
  scope: readonly string[] | null,
): Promise<TargetRow[]> {
  const conditions = [sql`t.command_id = ${query.commandId}::uuid`];
  if (query.state !== undefined) conditions.push(sql`t.state = ${query.state}`);
  if (query.deviceId !== undefined) conditions.push(sql`t.device_id = ${query.deviceId}::uuid`);
  if (query.afterProductNumber !== undefined)
    conditions.push(sql`t.product_number > ${query.afterProductNumber}`);
  if (scope !== null) conditions.push(scopeCondition(sql`t.product_number`, scope));
  const { rows } = await sql<RawTarget>`
    select ${COLUMNS} where ${sql.join(conditions, sql` and `)} order by t.product_number limit ${query.limit}
  `.execute(database);
  return rows.map(toTargetRow);
}

/** The targets of these pairs of command and product. */
export async function findTargetRows(
  database: Database,
  pairs: readonly { readonly commandId: string; readonly productNumber: number }[],
): Promise<TargetRow[]> {
  const { rows } = await sql<RawTarget>`
    select ${COLUMNS} join unnest(
      ${pairs.map((pair) => pair.commandId)}::uuid[], ${pairs.map((pair) => pair.productNumber)}::bigint[]
    ) as wanted (command_id, product_number)
    on wanted.command_id = t.command_id and wanted.product_number = t.product_number
  `.execute(database);
  return rows.map(toTargetRow);
}

/** How many targets of a command lie in a group. */
export interface GroupTally {
  /** Ids from the top group down; null for devices that are gone. */
  readonly path: string[] | null;
  readonly products: number;
}

/** Where the targets of a command that are in these states lie now, as far as the scope reaches. */
export async function tallyTargetGroups(
  database: Database,
  query: {
    readonly commandId: string;
    readonly states: readonly CommandState[];
    readonly scope: readonly string[] | null;
  },
): Promise<GroupTally[]> {
  const visible =
    query.scope === null ? sql`` : sql`and ${scopeCondition(sql`t.product_number`, query.scope)}`;
  const { rows } = await sql<GroupTally>`
    select g.path::text[] as path, count(*) as products
    from command_target t left join device d on d.id = t.device_id left join directory_group g on g.id = d.group_id
    where t.command_id = ${query.commandId}::uuid and t.state = any(${[...query.states]}::text[]) ${visible}
    group by g.path
  `.execute(database);
  return rows;
}

/** A product to give the same order to again. */
export interface RepeatedProduct {
  readonly number: number;
  readonly deviceName: string;
}

/** The products of a command whose targets are in these states, as far as each of the scopes reaches and their devices are in use. */
export async function listProductsToRepeat(
  transaction: Transaction,
  query: {
    readonly commandId: string;
    readonly states: readonly CommandState[];
    readonly scopes: readonly (readonly string[] | null)[];
  },
): Promise<RepeatedProduct[]> {
  const visible = query.scopes.map((scope) =>
    scope === null ? sql`` : sql`and g.path && ${[...scope]}::uuid[]`,
  );
  const { rows } = await sql<RepeatedProduct>`
    select p.number, coalesce(d.display_name, d.reported_name) as "deviceName"
    from command_target t join managed_product p on p.number = t.product_number
      join device d on d.id = p.device_id and d.removed_item_id is null join directory_group g on g.id = d.group_id
    where t.command_id = ${query.commandId}::uuid and t.state = any(${[...query.states]}::text[]) ${sql.join(visible, sql` `)}
  `.execute(transaction);
  return rows;
}
