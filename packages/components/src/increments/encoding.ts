import type { FileHandle } from 'node:fs/promises';

/** What an encoding is given to make an increment. */
export interface MakeInput {
  readonly old: FileHandle;
  readonly oldLength: number;
  readonly fresh: FileHandle;
  readonly freshLength: number;
  /** How much memory it may take, in bytes. */
  readonly memoryBound: number;
  /** Takes the difference, piece by piece. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** How many bytes of the new file are done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Whether the encoding is any good for these files; if not, what it wrote is thrown away. */
export type MakeEncoding = (input: MakeInput) => Promise<boolean>;

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
