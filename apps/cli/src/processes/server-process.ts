import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CliError } from '../cli.errors.ts';
import { entryPath } from './entry.ts';

/** What the server tells the process that started it, over their private channel. */
export type ServerEvent =
  | { readonly event: 'progress'; readonly text: string }
  | {
      readonly event: 'ready';
      readonly home: string;
      readonly version: string;
      readonly addresses: readonly string[];
      readonly setupLink: string | null;
      readonly setupLinkExpiresAt: string | null;
    }
  | { readonly event: 'failed'; readonly code: string; readonly message: string; readonly remedy?: string }
  | { readonly event: 'local-enrolment-token'; readonly tokenString: string };

type ReadyEvent = Extract<ServerEvent, { event: 'ready' }>;

export interface ServerProcess {
  readonly ready: ReadyEvent;
  readonly exited: Promise<number>;
  /** A one-use token for an agent on this very computer. */
  requestLocalToken(): Promise<string>;
  stop(): void;
}

/**
 * Starts the server and waits until it answers.
 *
 * @param signal gives the start up: the server is asked to end, and its end is waited for
 * @throws CliError `PROCESS_FAILED` with the server's own reason
 */
export async function startServerProcess(
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<ServerProcess> {
  // In a process group of its own, so that Ctrl-C reaches it through this process and in the right order. When this
  // process dies, the channel closes and the server stops by itself.
  const child = spawn(process.execPath, [entryPath('server')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1));
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const ready = await waitForReady(child, exited, onProgress);
  signal.removeEventListener('abort', stop);
  return {
    ready,
    exited,
    requestLocalToken: async () => {
      const answer = nextEvent(child, 'local-enrolment-token');
      child.send({ request: 'local-enrolment-token' });
      return (await answer).tokenString;
    },
    stop,
  };
}

function waitForReady(
  child: ChildProcess,
  exited: Promise<number>,
  onProgress: (text: string) => void,
): Promise<ReadyEvent> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const event = message as ServerEvent;
      if (event.event === 'progress') onProgress(event.text);
      if (event.event === 'ready') resolve(event);
      if (event.event === 'failed') {
        reject(toError(event));
      }
    });
    child.on('error', reject);
    void exited.then((code) =>
      reject(
        new CliError('PROCESS_FAILED', `The server ended with status ${code} before it was ready.`, {
          remedy: 'Its reason stands above.',
        }),
      ),
    );
  });
}

function nextEvent<Name extends ServerEvent['event']>(
  child: ChildProcess,
  name: Name,
): Promise<Extract<ServerEvent, { event: Name }>> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      const event = message as ServerEvent;
      if (event.event !== name && event.event !== 'failed') return;
      child.off('message', listen);
      if (event.event === 'failed') {
        reject(toError(event));
        return;
      }
      resolve(event as Extract<ServerEvent, { event: Name }>);
    };
    child.on('message', listen);
    child.once('exit', () => reject(new CliError('PROCESS_FAILED', 'The server ended unexpectedly.')));
  });
}

function toError(event: Extract<ServerEvent, { event: 'failed' }>): CliError {
  return new CliError(
    'PROCESS_FAILED',
    `${event.message} (${event.code})`,
    event.remedy === undefined ? {} : { remedy: event.remedy },
  );
}
