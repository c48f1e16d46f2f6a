import type { AuthorityPhase } from '@holdfast/api';

export interface SwitchFacts {
  readonly phase: AuthorityPhase;
  /** When the next authority was made, by what its certificate says. */
  readonly nextBeginsAtMs: number;
  /** Products in use that have not said that they trust it. */
  readonly unknownTo: number;
  readonly nowMs: number;
}

/** Certificates begin two days before they are made; a day more for those who look at the new fingerprint. */
const SETTLED_MS = 3 * 86_400_000;

/** Whether the next authority takes over now: when nobody is left behind, or when waiting would leave everybody behind. */
export function isSwitchDue({ phase, nextBeginsAtMs, unknownTo, nowMs }: SwitchFacts): boolean {
  if (phase === 'ends-very-soon' || phase === 'ended') return true;
  return unknownTo === 0 && nowMs - nextBeginsAtMs >= SETTLED_MS;
}

/** Whether people are told today: each month in the last year, each day in the last ninety days. */
export function isAlarmDue(phase: AuthorityPhase, daysLeft: number): boolean {
  if (phase === 'ends-soon') return daysLeft % 30 === 0;
  return phase === 'ends-very-soon' || phase === 'ended' || phase === 'not-yet-valid';
}
