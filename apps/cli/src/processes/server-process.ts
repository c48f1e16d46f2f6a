import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parseProcessMessage, type ProcessMessage, type ProcessRequest } from '@holdfast/api';
import { CliError, ProgramError } from '../cli.errors.ts';
import { entryArguments } from './entry.ts';
import { firstRestartDelayMs, planRestartDelay } from './process-restart.ts';

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
  const child = spawn(process.execPath, entryArguments('server'), {
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

export interface ServerWatch {
  /** Starts the next one. */
  readonly start: () => Promise<ServerProcess>;
  /** Everything is to end. */
  readonly stopping: AbortSignal;
  readonly now: () => number;
  readonly onFall: (status: number, delayMs: number) => void;
  readonly onBack: (server: ServerProcess) => void;
  /** The next one did not start; another is tried. */
  readonly onFailure: (error: unknown, delayMs: number) => void;
}

/**
 * Starts the server again when it falls, with growing delays, until everything is to end or it ended as it was told to.
 *
 * @returns the status with which the last one ended
 */
export async function keepServerRunning(first: ServerProcess, watch: ServerWatch): Promise<number> {
  const { stopping, now } = watch;
  let server = first;
  let delayMs = firstRestartDelayMs;
  for (;;) {
    const startedAt = now();
    const stop = (): void => server.stop();
    stopping.addEventListener('abort', stop, { once: true });
    if (stopping.aborted) stop();
    const code = await server.exited;
    stopping.removeEventListener('abort', stop);
    if (stopping.aborted || code === 0) return code;
    delayMs = planRestartDelay({ code, ranForMs: now() - startedAt }, delayMs);
    watch.onFall(code, delayMs);
    const next = await startAgain(watch, delayMs);
    if (next === undefined) return code;
    server = next;
    watch.onBack(server);
  }
}

/** @returns undefined when everything is to end before one runs */
async function startAgain(watch: ServerWatch, firstDelayMs: number): Promise<ServerProcess | undefined> {
  let delayMs = firstDelayMs;
  for (;;) {
    await delay(delayMs, undefined, { signal: watch.stopping }).catch(() => undefined); // Ends early only at a stop.
    if (watch.stopping.aborted) return undefined;
    try {
      return await watch.start();
    } catch (error) {
      if (watch.stopping.aborted) return undefined;
      delayMs = planRestartDelay({ code: 1, ranForMs: 0 }, delayMs);
      watch.onFailure(error, delayMs);
    }
  }
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
