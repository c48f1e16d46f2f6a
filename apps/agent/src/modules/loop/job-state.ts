/** Life of one job. */
export const JobState = {
  idle: 'idle',
  busy: 'busy',
  /** Busy, and wanted once more. */
  busyAgain: 'busy-again',
  /** Failed or wanted while there was no connection; begins with the next sign that there is one. */
  due: 'due',
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/** After a wish: `start` says whether the job begins now. */
export function wantJob(
  state: JobState,
  canStart: boolean,
): { readonly next: JobState; readonly start: boolean } {
  if (state === 'busy' || state === 'busy-again') return { next: JobState.busyAgain, start: false };
  return canStart ? { next: JobState.busy, start: true } : { next: JobState.due, start: false };
}
