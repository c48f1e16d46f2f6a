import type { CommandCounts, CommandState } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { countColumns, scopeCondition } from './command-sql.store.ts';
import { describeSeenTargets } from './target-text.ts';
import './commands.tables.ts';

export interface NewCommand {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly targetText: string;
  readonly issuedAt: Date;
  readonly issuer: {
    readonly kind: 'administrator' | 'api-key' | 'system';
    readonly id: string;
    readonly name: string;
  };
  readonly expiresAt: Date;
  readonly idempotencyKey: string | null;
  readonly isUrgent: boolean;
  /** The command whose targets it tries again. */
  readonly repeatsId: string | null;
}

export interface CommandRow {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly parameters: Record<string, unknown>;
  /** For a reader with a scope, in words that say nothing of what lies elsewhere. */
  readonly targetText: string;
  readonly issuedAt: Date;
  readonly issuerName: string;
  readonly expiresAt: Date;
  readonly isUrgent: boolean;
  readonly repeatsId: string | null;
  readonly counts: CommandCounts;
}

/** False when this issuer has used the idempotency key before: then nothing was written. */
export async function insertCommand(transaction: Transaction, command: NewCommand): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into command (id, type, title, parameters, target_text, issued_at, issuer_kind, issuer_id, issuer_name,
      expires_at, next_expiry_at, idempotency_key, is_urgent, repeats_id)
    values (${command.id}, ${command.type}, ${command.title}, ${JSON.stringify(command.parameters)},
      ${command.targetText}, ${command.issuedAt}, ${command.issuer.kind}, ${command.issuer.id},
      ${command.issuer.name}, ${command.expiresAt}, ${command.expiresAt}, ${command.idempotencyKey},
      ${command.isUrgent}, ${command.repeatsId})
    on conflict (issuer_id, idempotency_key) where idempotency_key is not null do nothing
  `.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}

/** For transactions that write targets for up to a million products in one statement. */
const LONG_STATEMENT_MS = 600_000;

/** Lifts the limit of time for the statements of this transaction. */
export async function letStatementsTakeLong(transaction: Transaction): Promise<void> {
  await sql`set local statement_timeout = ${sql.lit(LONG_STATEMENT_MS)}`.execute(transaction);
}

/** Why a product got no order, although its device was meant. */
export const skipReasons = {
  disabled: { code: 'PRODUCT_DISABLED', detail: 'The product is disabled.' },
  unsupported: { code: 'COMMAND_NOT_SUPPORTED', detail: 'The product does not know this command.' },
} as const;

/** From this many new targets on, automatic statistics of the database come too late. */
const MANY_TARGETS = 5_000;

/**
 * After an order for many: products fetch it at once with prepared statements, and a plan made while the table was small scans
 * all of it each time. New statistics invalidate those plans.
 */
export async function noteManyTargets(database: Database, count: number): Promise<void> {
  if (count >= MANY_TARGETS) await sql`analyze command_target`.execute(database);
}

/**
 * One target for each product, in one statement however many there are. A product that is disabled or does not know
 * the command gets a target that says so and is over, so that Command Tracking shows whoever was meant.
 *
 * @returns the products that have something to fetch
 */
export async function insertTargets(
  transaction: Transaction,
  command: Pick<NewCommand, 'id' | 'type' | 'issuedAt'>,
  productNumbers: readonly number[],
): Promise<{ readonly waiting: number[]; readonly total: number }> {
  const at = command.issuedAt.toISOString();
  const steps = (state: CommandState, detail: string): RawBuilder<unknown> =>
    sql`${JSON.stringify([{ state, at, detail }])}::jsonb`;
  const { disabled, unsupported } = skipReasons;
  const { rows } = await sql<{ waiting: number[] | null; total: number }>`
    with wanted as (
      select p.number, d.id as device_id, coalesce(d.display_name, d.reported_name) as device_name,
        case when p.state <> 'active' then 'disabled'
          when jsonb_exists(p.capabilities -> 'commands', ${command.type}) is not true then 'unsupported'
          else 'none' end as obstacle
      from unnest(${productNumbers}::bigint[]) as chosen (number)
      join managed_product p on p.number = chosen.number
      join device d on d.id = p.device_id
    ), inserted as (
      insert into command_target (command_id, product_number, id, device_id, device_name, state, code, detail, steps)
      select ${command.id}::uuid, number, gen_random_uuid(), device_id, device_name,
        case obstacle when 'none' then 'queued' else 'cancelled' end,
        case obstacle when 'disabled' then ${disabled.code} when 'unsupported' then ${unsupported.code} end,
        case obstacle when 'disabled' then ${disabled.detail} when 'unsupported' then ${unsupported.detail} else '' end,
        case obstacle when 'disabled' then ${steps('cancelled', disabled.detail)}
          when 'unsupported' then ${steps('cancelled', unsupported.detail)} else ${steps('queued', '')} end
      from wanted
      on conflict (command_id, product_number) do nothing
      returning product_number, state
    )
    select array_agg(product_number) filter (where state = 'queued') as waiting, count(*) as total from inserted
  `.execute(transaction);
  return { waiting: rows[0]?.waiting ?? [], total: rows[0]?.total ?? 0 };
}

export async function findCommandIdByKey(
  database: Database,
  issuerId: string,
  idempotencyKey: string,
): Promise<string | undefined> {
  const row = await database
    .selectFrom('command')
    .select('id')
    .where('issuer_id', '=', issuerId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row?.id;
}

export interface CommandListQuery {
  readonly type?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly progress?: 'in-progress' | 'finished' | 'with-failures' | undefined;
  /** At least one target is in this state. */
  readonly state?: CommandState | undefined;
  /** Whole name, without regard to case. */
  readonly issuedBy?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly repeatsId?: string | undefined;
  /** Only commands issued before this one. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/**
 * Newest first. A reader with a scope sees a command when one of its targets lies in the scope, with the counts of
 * those targets only.
 *
 * @param scope roots of the groups that the reader may see; null for all
 */
export async function listCommandRows(
  database: Database,
  query: CommandListQuery,
  scope: readonly string[] | null,
): Promise<CommandRow[]> {
  const conditions: RawBuilder<unknown>[] = [];
  if (query.type !== undefined) conditions.push(sql`c.type = ${query.type}`);
  if (query.beforeId !== undefined) conditions.push(sql`c.id < ${query.beforeId}::uuid`);
  if (query.deviceId !== undefined) {
    // A device outside the scope must not reveal which commands were meant for it.
    const visible = scope === null ? sql`` : sql`and ${scopeCondition(sql`t.product_number`, scope)}`;
    conditions.push(
      sql`c.id in (select t.command_id from command_target t where t.device_id = ${query.deviceId}::uuid ${visible})`,
    );
  }
  if (query.progress !== undefined) conditions.push(progressCondition(query.progress));
  if (query.state !== undefined) conditions.push(sql`n.${sql.ref(`${query.state}_count`)} > 0`);
  if (query.issuedBy !== undefined)
    conditions.push(sql`fold_name(c.issuer_name) = ${foldName(query.issuedBy)}`);
  if (query.from !== undefined) conditions.push(sql`c.issued_at >= ${query.from}`);
  if (query.to !== undefined) conditions.push(sql`c.issued_at < ${query.to}`);
  if (query.repeatsId !== undefined) conditions.push(sql`c.repeats_id = ${query.repeatsId}::uuid`);
  return await readCommands(database, conditions, scope, sql`order by c.id desc limit ${query.limit}`);
}

export async function findCommandRows(
  database: Database,
  ids: readonly string[],
  scope: readonly string[] | null,
): Promise<CommandRow[]> {
  return await readCommands(database, [sql`c.id = any(${[...ids]}::uuid[])`], scope, sql``);
}

/** Who issued what a reader sees, in the order of the alphabet. */
export async function listIssuerNames(
  database: Database,
  scope: readonly string[] | null,
  limit: number,
): Promise<string[]> {
  const visible =
    scope === null
      ? sql``
      : sql`and exists (select 1 from command_target t where t.command_id = c.id
          and ${scopeCondition(sql`t.product_number`, scope)})`;
  const { rows } = await sql<{ name: string }>`
    select distinct c.issuer_name as name from command c where c.removed_at is null ${visible} order by 1 limit ${limit}
  `.execute(database);
  return rows.map((row) => row.name);
}

const OPEN = sql`n.queued_count + n.delivered_count + n.accepted_count + n.running_count + n.cancelling_count`;

function progressCondition(progress: 'in-progress' | 'finished' | 'with-failures'): RawBuilder<unknown> {
  switch (progress) {
    case 'in-progress':
      // The first half is what the index knows: it holds every command that is open, and some that just ended.
      return sql`c.queued_count + c.delivered_count + c.accepted_count + c.running_count
        + c.cancelling_count > 0 and ${OPEN} > 0`;
    case 'finished':
      return sql`${OPEN} = 0`;
    case 'with-failures':
      return sql`n.failed_count + n.expired_count > 0`;
  }
}

async function readCommands(
  database: Database,
  conditions: readonly RawBuilder<unknown>[],
  scope: readonly string[] | null,
  order: RawBuilder<unknown>,
): Promise<CommandRow[]> {
  const all = [sql`c.removed_at is null`, ...conditions, ...(scope === null ? [] : [sql`n.total > 0`])];
  const where = sql`where ${sql.join(all, sql` and `)}`;
  const { rows } = await sql<RawCommand>`
    select c.id, c.type, c.title, c.parameters, c.target_text, c.issued_at, c.issuer_name, c.expires_at,
      c.is_urgent, c.repeats_id, n.*
    from command c cross join lateral (${scope === null ? WHOLE_COUNTS : scopedCounts(scope)}) n ${where} ${order}
  `.execute(database);
  return rows.map((row) => toCommandRow(row, scope !== null));
}

// Exact at every moment: what was added up, and the changes that were committed since.
const WHOLE_COUNTS = sql`
  select ${sql.join(
    countColumns.map(
      (column) =>
        sql`c.${sql.ref(column)} + coalesce(sum(x.${sql.ref(column)}), 0)::integer as ${sql.ref(column)}`,
    ),
  )} from command_count_change x where x.command_id = c.id`;

function scopedCounts(scope: readonly string[]): RawBuilder<unknown> {
  const counts = countColumns.map(
    (column) =>
      sql`count(*) filter (where t.state = ${sql.lit(column.replace('_count', ''))})::integer as ${sql.ref(column)}`,
  );
  return sql`
    select ${sql.join(counts)}, count(*)::integer as total, min(t.device_name) as first_name
    from command_target t where t.command_id = c.id and ${scopeCondition(sql`t.product_number`, scope)}`;
}

interface RawCommand {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly parameters: Record<string, unknown>;
  readonly target_text: string;
  readonly issued_at: Date;
  readonly issuer_name: string;
  readonly expires_at: Date;
  readonly is_urgent: boolean;
  readonly repeats_id: string | null;
  readonly queued_count: number;
  readonly delivered_count: number;
  readonly accepted_count: number;
  readonly running_count: number;
  readonly cancelling_count: number;
  readonly succeeded_count: number;
  readonly failed_count: number;
  readonly expired_count: number;
  readonly cancelled_count: number;
  // With a scope only.
  readonly total?: number;
  readonly first_name?: string | null;
}

function toCommandRow(row: RawCommand, isScoped: boolean): CommandRow {
  const counts = {
    queued: row.queued_count,
    delivered: row.delivered_count,
    accepted: row.accepted_count,
    running: row.running_count,
    cancelling: row.cancelling_count,
    succeeded: row.succeeded_count,
    failed: row.failed_count,
    expired: row.expired_count,
    cancelled: row.cancelled_count,
  };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    id: row.id,
    type: row.type,
    title: row.title,
    parameters: row.parameters,
    targetText: isScoped ? describeSeenTargets(total, row.first_name ?? null) : row.target_text,
    issuedAt: row.issued_at,
    issuerName: row.issuer_name,
    expiresAt: row.expires_at,
    isUrgent: row.is_urgent,
    repeatsId: row.repeats_id,
    counts: { total, ...counts },
  };
}
