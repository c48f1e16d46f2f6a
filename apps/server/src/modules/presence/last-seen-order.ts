import type { PresenceStatus } from '@holdfast/api';
import { BoundedSelection } from './bounded-selection.ts';
import { statusCode } from './presence-code.ts';
import type { PresenceTable } from './presence-table.ts';

/** A place in the order: the last sign of life (0 is never), then the product number, which is unique. */
export interface LastSeenPlace {
  readonly lastSeenAtMs: number;
  readonly productNumber: number;
}

export interface LastSeenQuery {
  readonly order: 'ascending' | 'descending';
  /** Only places beyond this one. */
  readonly after?: LastSeenPlace | undefined;
  readonly limit: number;
  /** Only products with this status; all unless told. */
  readonly status?: PresenceStatus | undefined;
  /** Only these; all products unless told. */
  readonly among?: Iterable<number> | undefined;
}

/**
 * The next products in the order of their last sign of life, out of memory: no index of the database could keep up
 * with a column that every heartbeat changes. One pass over the fleet, some ten milliseconds for a million.
 */
export function listByLastSeen(table: PresenceTable, query: LastSeenQuery): LastSeenPlace[] {
  const { lastSeenAt, status } = table.columns;
  const wanted = query.status === undefined ? undefined : statusCode[query.status];
  const sign = query.order === 'ascending' ? 1 : -1;
  const { after } = query;
  const selection = new BoundedSelection<LastSeenPlace>(
    query.limit,
    (left, right) => sign * compare(left, right),
  );
  const consider = (productNumber: number): void => {
    if (!table.isKnown(productNumber)) return;
    if (wanted !== undefined && status[productNumber] !== wanted) return;
    const lastSeenAtMs = lastSeenAt[productNumber] ?? 0;
    // Decided without making an object for most of the fleet.
    const { last } = selection;
    if (last !== undefined && sign * (lastSeenAtMs - last.lastSeenAtMs) > 0) return;
    const place = { lastSeenAtMs, productNumber };
    if (after === undefined || sign * compare(place, after) > 0) selection.add(place);
  };
  if (query.among !== undefined) for (const productNumber of query.among) consider(productNumber);
  else
    for (let productNumber = 1; productNumber < table.capacity; productNumber += 1) consider(productNumber);
  return selection.sorted();
}

function compare(left: LastSeenPlace, right: LastSeenPlace): number {
  return left.lastSeenAtMs - right.lastSeenAtMs || left.productNumber - right.productNumber;
}
