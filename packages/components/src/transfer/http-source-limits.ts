export interface HttpSourceLimits {
  /** From the first look-up of a name to the head of an answer. */
  readonly headTimeoutMs: number;
  /** A source that brings fewer than `minWindowBytes` while it is waited for so long is too slow. Pauses of the reader do not count. */
  readonly windowMs: number;
  readonly minWindowBytes: number;
  /** How often one file is taken up again after the connection broke. */
  readonly maxBreaks: number;
  /** Before each of these; it doubles, and half of it is chance. */
  readonly breakPauseMs: number;
  /** How long a source that says it is busy is waited for in all; 0: not at all. */
  readonly busyPatienceMs: number;
  /** Redirects that are followed, all with the same scheme; 0: none. */
  readonly maxRedirects: number;
}

export const defaultHttpSourceLimits: HttpSourceLimits = {
  headTimeoutMs: 15_000,
  windowMs: 30_000,
  minWindowBytes: 8 * 1024,
  maxBreaks: 8,
  breakPauseMs: 1_000,
  busyPatienceMs: 0,
  maxRedirects: 0,
};
