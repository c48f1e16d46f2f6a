import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { codeOf, describeError, type Log } from '../../platform/log.ts';

/** Linux takes 107 bytes, macOS 103; what is longer would be cut. */
const MAX_PATH_BYTES = 100;
const MAX_ANSWER_BYTES = 256;
const ANSWER_MS = 1_000;
const MAX_CONNECTIONS = 4;
/** The last instant that a date can hold: ECMA-262, section 21.4.1.1. */
const MAX_INSTANT = 8_640_000_000_000_000;

/** What the running agent knows and does not write down. */
export interface ContactTimes {
  readonly lastContactAt: number | undefined;
  readonly lastFailureAt: number | undefined;
}

export interface ContactSocketOptions {
  /** In the state folder, which its owner alone may enter. */
  readonly path: string;
  readonly read: () => ContactTimes;
  readonly log: Log;
}

/** Where the agent is asked when it last heard the server. It takes nothing in: whoever connects is told, and that is all. */
export interface ContactSocket {
  open(): void;
  close(): void;
}

export function createContactSocket({ path, read, log }: ContactSocketOptions): ContactSocket {
  let server: Server | undefined;
  const note = (error: unknown): void => {
    log.debug(codeOf(error), `Nobody can ask this agent for its last contact: ${describeError(error)}`);
  };
  return {
    open: () => {
      // Pipes of Windows do not lie in a folder whose rights would guard them.
      if (process.platform === 'win32' || Buffer.byteLength(path) > MAX_PATH_BYTES) return;
      server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(`${formatTimes(read())}\n`, () => socket.destroy());
      });
      server.maxConnections = MAX_CONNECTIONS;
      // A disk without room for the socket is no reason to do without an agent.
      server.on('error', note);
      try {
        // Of a process that was killed; the folder is locked, so it is nobody's.
        rmSync(path, { force: true });
        server.listen(path, () => chmodSync(path, 0o600));
        server.unref();
      } catch (error) {
        note(error);
      }
    },
    close: () => {
      server?.close();
      server = undefined;
    },
  };
}

/** `undefined` where no agent answers, or with something else. */
export async function askContactTimes(path: string): Promise<ContactTimes | undefined> {
  const socket = connect(path);
  try {
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER_BYTES) socket.destroy();
    });
    await once(socket, 'end', { signal: AbortSignal.timeout(ANSWER_MS) });
    return parseTimes(answer);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function formatTimes({ lastContactAt, lastFailureAt }: ContactTimes): string {
  return JSON.stringify({ lastContactAt: lastContactAt ?? null, lastFailureAt: lastFailureAt ?? null });
}

/** `undefined` for what is no answer of an agent. */
export function parseTimes(text: string): ContactTimes | undefined {
  if (text.length > MAX_ANSWER_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('lastContactAt' in value) || !('lastFailureAt' in value)) return undefined;
  const { lastContactAt, lastFailureAt } = value;
  if (!isInstant(lastContactAt) || !isInstant(lastFailureAt)) return undefined;
  return { lastContactAt: lastContactAt ?? undefined, lastFailureAt: lastFailureAt ?? undefined };
}

function isInstant(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && value >= 0 && value <= MAX_INSTANT);
}
