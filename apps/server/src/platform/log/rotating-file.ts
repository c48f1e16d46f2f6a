import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export interface RotatingFileOptions {
  readonly file: string;
  readonly maxBytes?: number;
  /** Older files that are kept as `file.1` (youngest) and so on. */
  readonly maxOlderFiles?: number;
}

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_OLDER_FILES = 4;

/**
 * A file for lines that never grows beyond a bound. Written at once, so that the last lines before a crash are there.
 * A line that cannot be written, for example because the disk is full, is dropped and counted: the log must not
 * stop what it tells about.
 */
export class RotatingFile {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #maxOlderFiles: number;
  #descriptor: number | undefined;
  #size = 0;
  #dropped = 0;

  constructor(options: RotatingFileOptions) {
    this.#file = options.file;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#maxOlderFiles = options.maxOlderFiles ?? DEFAULT_MAX_OLDER_FILES;
    this.#open();
  }

  /** Lines that could not be written. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    try {
      const bytes = Buffer.byteLength(line);
      if (this.#size > 0 && this.#size + bytes > this.#maxBytes) this.#rotate();
      if (this.#descriptor === undefined) this.#open();
      writeSync(this.#descriptor as number, line);
      this.#size += bytes;
    } catch {
      this.#dropped += 1;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): void {
    this.#descriptor = openSync(this.#file, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  #rotate(): void {
    this.close();
    rmSync(`${this.#file}.${this.#maxOlderFiles}`, { force: true });
    for (let number = this.#maxOlderFiles - 1; number >= 0; number -= 1) {
      const from = number === 0 ? this.#file : `${this.#file}.${number}`;
      try {
        renameSync(from, `${this.#file}.${number + 1}`);
      } catch (error) {
        // A number that does not exist yet.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    this.#open();
  }
}
