import type { ReceivedHeartbeat } from '../datagrams/index.ts';

/** A heartbeat of the first epoch that says nothing but that the product runs, unless told. */
export function createHeartbeat(
  productNumber: number,
  sequence: number,
  more: Partial<ReceivedHeartbeat> = {},
): ReceivedHeartbeat {
  return {
    productNumber,
    epoch: 1,
    sequence,
    isGoingAway: false,
    serviceState: 'running',
    hasItems: false,
    listItems: () => [],
    ...more,
  };
}
