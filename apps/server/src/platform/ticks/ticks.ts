/**
 * Work that this process repeats while it lives: looking at deadlines, writing what is in memory, telling open views. Nothing of it is
 * remembered; what must happen although the server was away, or must be seen, is a job.
 */
export interface Ticks {
  /**
   * Runs `work` about every `intervalMs` in this process, never twice at once, with jitter; a failure is logged and
   * the next turn comes. Pauses while the database is away.
   *
   * @param options `restMs`: a turn that answers `rest`, because it found nothing, is followed by the next one after this time, so
   *   that a server with nothing to do asks its database nothing. Who makes work wakes the tick where that is too late.
   */
  every(
    name: string,
    intervalMs: number,
    work: () => Promise<TickOutcome>,
    options?: { readonly restMs?: number },
  ): Tick;
  /** Waits for work under way and starts no more. */
  stop(): Promise<void>;
}

export type TickOutcome = void | 'rest';

export interface Tick {
  /** The next turn comes now, or as soon as the one under way has ended, instead of at its interval. */
  wake(): void;
}
