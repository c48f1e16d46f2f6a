import { type RawBuilder, sql } from 'kysely';

/** Columns that count targets, in the order of the states. */
export const countColumns = [
  'queued_count',
  'delivered_count',
  'accepted_count',
  'running_count',
  'succeeded_count',
  'failed_count',
  'expired_count',
  'cancelled_count',
] as const;

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

/** A cancellation has been ordered that comes to the target `t`: it must not be begun any more. */
export const isBeingCancelled = sql<boolean>`exists (
  select 1 from command_cancellation x where x.command_id = t.command_id and (x.scope_group_ids is null
    or ${placeCondition(sql`t.product_number`, sql`x.scope_group_ids`)}))`;

function placeCondition(productNumber: RawBuilder<unknown>, roots: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (
    select 1 from managed_product p join device d on d.id = p.device_id join directory_group g on g.id = d.group_id
    where p.number = ${productNumber} and g.path && ${roots})`;
}
