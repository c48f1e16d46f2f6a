/** Life of one errand. */
export const ErrandState = {
  idle: 'idle',
  busy: 'busy',
  /** Busy, and wanted once more. */
  busyAgain: 'busy-again',
  /** Failed, or wanted when it could not begin; begins with the next sign of a connection. */
  due: 'due',
} as const;
export type ErrandState = (typeof ErrandState)[keyof typeof ErrandState];

/** How one errand stands. */
export interface ErrandProgress {
  readonly state: ErrandState;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** It does not begin earlier: it has just failed, and the server may have said for how long to leave it alone. */
  readonly notBeforeMs: number;
  /** When its interval is over. Means nothing for one without an interval. */
  readonly intervalEndsAtMs: number;
}

export const freshErrand: ErrandProgress = {
  state: 'idle',
  failures: 0,
  notBeforeMs: Number.NEGATIVE_INFINITY,
  intervalEndsAtMs: Number.NEGATIVE_INFINITY,
};

/** After it ended well, or is left alone for a while: nothing of earlier attempts counts any more. */
export function restErrand({ intervalEndsAtMs }: ErrandProgress): ErrandProgress {
  return { ...freshErrand, intervalEndsAtMs };
}

/** After a wish: `start` says whether the errand begins now. */
export function wantErrand(
  progress: ErrandProgress,
  canStart: boolean,
): { readonly next: ErrandProgress; readonly start: boolean } {
  const { state } = progress;
  if (state === 'busy' || state === 'busy-again') {
    return { next: { ...progress, state: ErrandState.busyAgain }, start: false };
  }
  const next = canStart ? ErrandState.busy : ErrandState.due;
  return { next: { ...progress, state: next }, start: canStart };
}
