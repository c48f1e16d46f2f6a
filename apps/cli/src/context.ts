import type { Readable, Writable } from 'node:stream';
import type { OpenTransport } from './connection/https-transport.ts';

/** Everything a command may touch of the process around it; made once in main.ts, replaced in tests. */
export interface CliContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A pipe can be told to keep the process alive or not; a file cannot, and need not. */
  readonly stdin: Readable & {
    readonly isTTY?: boolean;
    readonly ref?: () => unknown;
    readonly unref?: () => unknown;
  };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** A program that this one started has said at this terminal why it failed. */
  readonly noteTold?: () => void;
  /** Wall time in milliseconds. */
  readonly now: () => number;
  /** Waits between two questions to the server; with the clock of the process unless told. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Has Ctrl-C heard instead of ending the process, until the function that it returns is called. */
  readonly onInterrupt?: (listener: () => void) => () => void;
  /** Speaks with the server; over HTTPS unless told. */
  readonly openTransport?: OpenTransport;
}
