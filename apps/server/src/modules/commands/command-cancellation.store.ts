import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { canBeAsked, scopeCondition } from './command-sql.store.ts';
import type { CommandStep } from './command-state.ts';
import { describeEnded } from './command-work.store.ts';
import type { EndingTarget } from './commands.events.ts';

/** A cancellation that was ordered and has not reached every target yet. */
export interface Cancellation {
  readonly id: string;
  readonly commandId: string;
  /** Roots of the groups within which; null for everywhere. */
  readonly scope: readonly string[] | null;
  readonly requestedBy: string;
  /** Every target up to this product has had its turn. */
  readonly after: number;
}

/**
 * Locks the command, so that two who cancel parts of it take turns.
 *
 * @returns false when the same cancellation of the same command is under way. One that ends in this moment is waited for.
 */
export async function insertCancellation(
  transaction: Transaction,
  cancellation: Cancellation,
  at: Date,
): Promise<boolean> {
  const scope = cancellation.scope === null ? null : [...cancellation.scope].sort();
  const { numAffectedRows } = await sql`
    insert into command_cancellation (id, command_id, scope_group_ids, requested_by, requested_at)
    select ${cancellation.id}::uuid, id, ${scope}::uuid[], ${cancellation.requestedBy}, ${at}::timestamptz
    from (select id from command where id = ${cancellation.commandId} for no key update) command
    on conflict (command_id, scope_group_ids) do nothing
  `.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Oldest first. */
export async function listCancellationIds(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from command_cancellation order by requested_at, id limit ${limit}
  `.execute(database);
  return rows.map((row) => row.id);
}

/** Undefined when it is over, or another process is at it. */
export async function claimCancellation(
  transaction: Transaction,
  id: string,
): Promise<Cancellation | undefined> {
  const { rows } = await sql<Cancellation>`
    select id, command_id as "commandId", scope_group_ids::text[] as scope, requested_by as "requestedBy",
      after_product_number as after
    from command_cancellation where id = ${id} for update skip locked
  `.execute(transaction);
  return rows[0];
}

export async function moveCancellation(transaction: Transaction, id: string, after: number): Promise<void> {
  await sql`update command_cancellation set after_product_number = ${after} where id = ${id}`.execute(
    transaction,
  );
}

export async function removeCancellation(transaction: Transaction, id: string): Promise<void> {
  await sql`delete from command_cancellation where id = ${id}`.execute(transaction);
}

/** What a cancellation comes to at one product. */
export interface CancelledTarget extends EndingTarget {
  /** `cancelled` where nothing had begun; `cancelling` where the product is asked to end it. */
  readonly state: 'cancelled' | 'cancelling';
}

/**
 * Up to `limit` targets of one command after a given product, by product number, so that no transaction locks many rows for long
 * and the next batch need not look at these again. What has begun at a product that cannot be asked is left alone.
 *
 * @param steps for what has not begun, and for what a product is asked to end
 * @returns in the order of the products
 */
export async function cancelTargets(
  transaction: Transaction,
  cancellation: Pick<Cancellation, 'commandId' | 'scope' | 'after'>,
  steps: { readonly cancelled: CommandStep; readonly cancelling: CommandStep },
  limit: number,
): Promise<CancelledTarget[]> {
  const { commandId, scope, after } = cancellation;
  const { cancelled, cancelling } = steps;
  const { rows } = await sql<CancelledTarget>`
    with chosen as (
      select t.product_number, t.state in ('queued', 'delivered') as is_unbegun from command_target t
      where t.command_id = ${commandId}::uuid and t.product_number > ${after} and ${isCancellable} ${within(scope)}
      order by t.product_number limit ${limit} for update
    ), ended as (
      update command_target t set state = case when is_unbegun then 'cancelled' else 'cancelling' end, code = null,
      detail = case when is_unbegun then ${cancelled.detail} else ${cancelling.detail} end,
      steps = t.steps || case when is_unbegun then ${JSON.stringify([cancelled])}::jsonb
        else ${JSON.stringify([cancelling])}::jsonb end
    from chosen where t.command_id = ${commandId}::uuid and t.product_number = chosen.product_number
      returning t.*
    ) ${describeEnded(sql`, e.state`)}`.execute(transaction);
  return rows;
}

/** What a cancellation will come to in one group. */
export interface CancellableTally {
  /** Ids from the top group down; null for devices that are gone. */
  readonly path: string[] | null;
  readonly unbegun: number;
  /** Begun, at products that can be asked to end it. */
  readonly begun: number;
}

export async function tallyCancellable(
  transaction: Transaction,
  { commandId, scope }: Pick<Cancellation, 'commandId' | 'scope'>,
): Promise<CancellableTally[]> {
  const { rows } = await sql<CancellableTally>`
    select g.path::text[] as path, count(*) filter (where t.state in ('queued', 'delivered')) as unbegun,
      count(*) filter (where t.state in ('accepted', 'running')) as begun
    from command_target t left join device d on d.id = t.device_id left join directory_group g on g.id = d.group_id
    where t.command_id = ${commandId}::uuid and ${isCancellable} ${within(scope)}
    group by g.path
  `.execute(transaction);
  return rows;
}

const isCancellable = sql`(t.state in ('queued', 'delivered')
  or (t.state in ('accepted', 'running') and ${canBeAsked(sql`t.product_number`)}))`;

function within(scope: readonly string[] | null): RawBuilder<unknown> {
  return scope === null ? sql`` : sql`and ${scopeCondition(sql`t.product_number`, scope)}`;
}
