import type { FileHandle } from 'node:fs/promises';

/** What an encoding is given to make an increment. */
export interface MakeInput {
  readonly old: FileHandle;
  readonly oldLength: number;
  readonly fresh: FileHandle;
  readonly freshLength: number;
  /** How many bytes of the files it may hold in memory. */
  readonly maxHeldBytes: number;
  readonly signal?: AbortSignal;
}

/** What an encoding is given to apply an increment. */
export interface ApplyInput {
  readonly old: FileHandle;
  readonly oldLength: number;
  readonly increment: FileHandle;
  /** The difference is what lies between these offsets of the increment. */
  readonly payloadFrom: number;
  readonly payloadTo: number;
  readonly resultLength: number;
  /** Bytes of the difference; INCREMENT_DAMAGED where it has fewer. Offsets count from its beginning. */
  readPayload(offset: number, count: number): Promise<Uint8Array>;
  /** Puts bytes behind the result, and has taken them when it is done. Refuses more than the result may have. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}
