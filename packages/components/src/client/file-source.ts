/** Slower than this is given up: fewer than `leastBytes` in `windowMs` of waiting. */
export interface Pace {
  readonly windowMs: number;
  readonly leastBytes: number;
}

/** Where bytes of a repository come from: a server, an Active Agent, a web folder, a path. Nobody is trusted for being one. */
export interface FileSource {
  /** For messages. */
  readonly name: string;
  /** Of one that has nothing of its own and waits for somebody who is held to a pace; absent: the usual one. */
  readonly pace?: Pace;
  /**
   * The bytes of a file of the repository from `from` on. `path` is relative and percent-encoded
   * (`metadata/timestamp.json`). Whoever calls stops reading after `limit` bytes, and aborts `signal` when it has enough.
   *
   * @returns `undefined` when the file is not there
   * @throws ComponentError SOURCE_UNREACHABLE, SOURCE_REFUSED, SOURCE_SLOW
   */
  open(
    path: string,
    options: { readonly from: number; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
}
