/** A lease that another process holds, or held. */
export interface SeenLease {
  readonly token: string;
  /** Grows while its worker lives. */
  readonly renewals: number;
  readonly leaseMs: number;
}

/**
 * Time between two looks counts up to this much: while the database was away, or this process slept, others could not have renewed
 * what they hold, or could not have been seen doing it.
 */
const MAX_COUNTED_GAP_MS = 2_000;

/**
 * Judges by this process's own monotonic clock which leases stand still. Wall clocks are not compared: one that leaps, or differs
 * from that of another server, takes nobody's job away.
 */
export class LeaseWatch {
  #silences = new Map<string, { readonly renewals: number; readonly silentMs: number }>();
  #lastLookMs: number | undefined;

  /** @returns the leases that have stood still for too long */
  look<Lease extends SeenLease>(leases: readonly Lease[], monotonicMs: number): Lease[] {
    const gapMs = Math.min(monotonicMs - (this.#lastLookMs ?? monotonicMs), MAX_COUNTED_GAP_MS);
    this.#lastLookMs = monotonicMs;
    const known = this.#silences;
    this.#silences = new Map(
      leases.map(({ token, renewals }) => {
        const before = known.get(token);
        const silentMs = before?.renewals === renewals ? before.silentMs + gapMs : 0;
        return [token, { renewals, silentMs }];
      }),
    );
    return leases.filter(({ token, leaseMs }) => (this.#silences.get(token)?.silentMs ?? 0) >= leaseMs);
  }
}
