import { cancellationVersion } from '@holdfast/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { StoredProgress } from './command-progress.ts';

/** Columns that count targets, in the order of the states. */
export const countColumns = [
  'queued_count',
  'delivered_count',
  'accepted_count',
  'running_count',
  'cancelling_count',
  'succeeded_count',
  'failed_count',
  'expired_count',
  'cancelled_count',
] as const;

/** Of a target `t`. */
export const PROGRESS_COLUMNS = sql`t.progress_percent, t.progress_text, t.progress_at`;

export interface ProgressColumns {
  readonly progress_percent: number | null;
  readonly progress_text: string | null;
  readonly progress_at: Date | null;
}

/** Null: the product has told nothing. */
export function readProgress(row: ProgressColumns): StoredProgress | null {
  const { progress_percent: percent, progress_text: text, progress_at: at } = row;
  return at === null ? null : { percent, text: text ?? '', atMs: at.getTime() };
}

/**
 * The directory's tables: a product lies in the scope when its device does now, wherever it has been moved to since
 * the order was given. A product that is gone lies in nobody's scope.
 *
 * @param productNumber qualified with its table: the subquery has columns of the same name
 */
export function scopeCondition(
  productNumber: RawBuilder<unknown>,
  scope: readonly string[],
): RawBuilder<unknown> {
  return placeCondition(productNumber, sql`${[...scope]}::uuid[]`);
}

/** The product can be asked to end what it has begun. */
export function canBeAsked(productNumber: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (
    select 1 from managed_product p where p.number = ${productNumber}
      and (p.capabilities ->> 'capabilityVersion')::integer >= ${sql.lit(cancellationVersion)})`;
}

/** A cancellation that covers the target `t` has been ordered: the target must not begin any more. */
export const isBeingCancelled = sql<boolean>`exists (
  select 1 from command_cancellation x where x.command_id = t.command_id and (x.scope_group_ids is null
    or ${placeCondition(sql`t.product_number`, sql`x.scope_group_ids`)}))`;

function placeCondition(productNumber: RawBuilder<unknown>, roots: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (
    select 1 from managed_product p join device d on d.id = p.device_id join directory_group g on g.id = d.group_id
    where p.number = ${productNumber} and g.path && ${roots})`;
}
