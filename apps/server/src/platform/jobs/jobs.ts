/** Work in the background of the server. */
export interface Jobs {
  /**
   * Runs `work` about every `intervalMs` in this process, never twice at once, with jitter; a failure is logged and
   * the next turn comes. Pauses while the database is away.
   */
  every(name: string, intervalMs: number, work: () => Promise<void>): void;
  /** Waits for work under way and starts no more. */
  stop(): Promise<void>;
}
