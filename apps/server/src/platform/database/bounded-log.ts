import { copyFile, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';

const CHECK_INTERVAL_MS = 60_000;
const TAIL_BYTES = 8 * 1024;

/**
 * The file that PostgreSQL writes its messages to. It is handed over as an open file, so that it goes on
 * when this process is gone, and it is cut back in place when it has grown: the last part stays in `.1`.
 */
export class BoundedLog {
  readonly #file: string;
  readonly #maxBytes: number;
  #handle: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, maxBytes = 10 * 1024 * 1024) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  async open(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    await this.shorten();
    this.#handle = await open(this.#file, 'a', 0o600);
    // A failing check is repeated a minute later; the log is not worth stopping for.
    this.#timer = setInterval(() => void this.shorten().catch(() => {}), CHECK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** For a child process; only between `open` and `close`. */
  get descriptor(): number {
    if (this.#handle === undefined) throw new Error('the log is not open');
    return this.#handle.fd;
  }

  async size(): Promise<number> {
    return await stat(this.#file).then(
      (found) => found.size,
      () => 0,
    );
  }

  /** Cuts the file back when it has outgrown its limit. A line written in this moment may be lost. */
  async shorten(): Promise<void> {
    if ((await this.size()) <= this.#maxBytes) return;
    await copyFile(this.#file, `${this.#file}.1`);
    const handle = await open(this.#file, 'r+');
    try {
      // The writer appends, so that it goes on at the new end.
      await handle.truncate(0);
    } finally {
      await handle.close();
    }
  }

  /** What was written since the file had the given size, the last page of it at most. */
  async readSince(offset: number): Promise<string> {
    const size = await this.size();
    const from = Math.max(offset > size ? 0 : offset, size - TAIL_BYTES);
    const handle = await open(this.#file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#handle?.close();
    this.#handle = undefined;
  }
}
