import type { Component } from '@holdfast/api';

/** Each device once, where the answer of the server counts those that failed also as what they have. */
export interface DeviceShares {
  readonly total: number;
  readonly upToDate: number;
  readonly behind: number;
  readonly failed: number;
}

export function deviceSharesOf({ upToDate, behind, failed }: Component['devices']): DeviceShares {
  // Most of those that failed are behind; the others failed although nothing newer was to be had.
  const failedBehind = Math.min(failed, behind);
  return {
    total: upToDate + behind,
    upToDate: Math.max(0, upToDate - (failed - failedBehind)),
    behind: behind - failedBehind,
    failed,
  };
}
