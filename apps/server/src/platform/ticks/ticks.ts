/**
 * Work that this process repeats while it lives: looking at deadlines, writing what is in memory, telling open views. Nothing of it is
 * remembered; what must happen although the server was away, or must be seen, is a job.
 */
export interface Ticks {
  /**
   * Runs `work` about every `intervalMs` in this process, never twice at once, with jitter; a failure is logged and
   * the next turn comes. Pauses while the database is away.
   */
  every(name: string, intervalMs: number, work: () => Promise<void>): Tick;
  /** Waits for work under way and starts no more. */
  stop(): Promise<void>;
}

export interface Tick {
  /** The next turn comes now, or as soon as the one under way has ended, instead of at its interval. */
  wake(): void;
}
