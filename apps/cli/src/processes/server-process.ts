import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseProcessMessage, type ProcessMessage, type ProcessRequest } from '@holdfast/api';
import { CliError, ProgramError } from '../cli.errors.ts';
import { entryPath } from './entry.ts';

type ReadyMessage = Extract<ProcessMessage, { event: 'ready' }>;

export interface ServerProcess {
  readonly ready: ReadyMessage;
  readonly exited: Promise<number>;
  /** A one-use token for an agent on this very computer. */
  requestLocalToken(): Promise<string>;
  stop(): void;
}

/**
 * Starts the server and waits until it answers.
 *
 * @param signal gives the start up: the server is asked to end, and its end is waited for
 * @throws ProgramError with the server's own reason; CliError `PROCESS_FAILED` when it gave none
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
      const answer = nextMessage(child, 'local-enrolment-token');
      const request: ProcessRequest = { request: 'local-enrolment-token' };
      child.send(request);
      return (await answer).tokenString;
    },
    stop,
  };
}

function waitForReady(
  child: ChildProcess,
  exited: Promise<number>,
  onProgress: (text: string) => void,
): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    child.on('message', (value) => {
      const message = parseProcessMessage(value);
      if (message?.event === 'progress') onProgress(message.text);
      if (message?.event === 'ready') resolve(message);
      if (message?.event === 'failed') reject(new ProgramError(message));
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

function nextMessage<Name extends ProcessMessage['event']>(
  child: ChildProcess,
  name: Name,
): Promise<Extract<ProcessMessage, { event: Name }>> {
  return new Promise((resolve, reject) => {
    const listen = (value: unknown): void => {
      const message = parseProcessMessage(value);
      if (message?.event === 'failed') reject(new ProgramError(message));
      else if (message?.event === name) resolve(message as Extract<ProcessMessage, { event: Name }>);
      else return;
      child.off('message', listen);
    };
    child.on('message', listen);
    child.once('exit', () => reject(new CliError('PROCESS_FAILED', 'The server ended unexpectedly.')));
  });
}
