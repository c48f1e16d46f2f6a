export const HealthState = { ok: 'ok', warning: 'warning', failed: 'failed' } as const;
export type HealthState = (typeof HealthState)[keyof typeof HealthState];

/** One thing that was looked at, and a sentence about it. */
export interface HealthCheck {
  readonly name: string;
  readonly state: HealthState;
  readonly text: string;
}
