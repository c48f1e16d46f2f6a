/** How fast files are sent, in bytes a second; undefined: as fast as they are read. */
export interface TransferRates {
  /** To all callers together. */
  readonly all?: number | undefined;
  /** To each of them. */
  readonly each?: number | undefined;
}

export interface FileServerLimits {
  /** Large files that are sent at once; more are told to come back. */
  readonly maxAtOnce: number;
  /** Of these, to one caller. */
  readonly maxOfCaller: number;
  /** Small ones at once: they are the metadata, and nobody waits for an archive to learn what is new. */
  readonly maxSmallAtOnce: number;
  /** A caller whose system takes no more bytes for so long is ended. */
  readonly stalledMs: number;
  /** A download that lasts longer is ended and goes on with a range, so that nobody keeps a place for good. */
  readonly maxDurationMs: number;
  /** What those are told who find no place. */
  readonly retryAfterMs: number;
}

/** Files up to this are small. */
export const smallFileBytes = 64 * 1024;

export const defaultFileServerLimits: FileServerLimits = {
  maxAtOnce: 64,
  maxOfCaller: 4,
  maxSmallAtOnce: 256,
  // A piece is 64 KiB at most: whoever takes less than 2 KB a second has a line on which a phone call would break.
  stalledMs: 30_000,
  maxDurationMs: 60 * 60_000,
  retryAfterMs: 5_000,
};
