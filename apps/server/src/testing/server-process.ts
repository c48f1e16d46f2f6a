import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseProcessMessage, type ProcessMessage, type ProcessRequest } from '@holdfast/api';

export type ReadyEvent = Extract<ProcessMessage, { event: 'ready' }>;

/** The server as a process of its own, as the command line starts it. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** The first event of that name, also one that came already. Fails when the process ends without it. */
  next<Name extends ProcessMessage['event']>(name: Name): Promise<Extract<ProcessMessage, { event: Name }>>;
  ask(request: ProcessRequest): void;
  /** Everything that the process wrote to its terminal so far. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  /** One request over HTTPS, trusting the server's own authority only. */
  fetch(
    address: string,
    target: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: string }>;
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** @param main of another release, where that is wanted */
export function spawnServer(
  home: string,
  variables: Readonly<Record<string, string>>,
  main: string = MAIN,
): ServerProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'));
  const child = spawn(process.execPath, [main], {
    env: { ...Object.fromEntries(inherited), HOLDFAST_HOME: home, HOLDFAST_HOST: '127.0.0.1', ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const events: ProcessMessage[] = [];
  let output = '';
  child.on('message', (message) => {
    const event = parseProcessMessage(message);
    if (event !== undefined) events.push(event);
    child.emit('event');
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  // Messages may arrive after the end of the process; the channel closes behind the last one.
  const hasNoChannel = new Promise<void>((resolve) => void child.once('disconnect', resolve));
  const exited = once(child, 'exit').then(async ([code]) => {
    await hasNoChannel;
    return code as number | null;
  });
  return {
    child,
    exited,
    output: () => output,
    ask: (request) => void child.send(request),
    async next(name) {
      for (;;) {
        const found = events.find((event) => event.event === name);
        // The name decides the form.
        if (found !== undefined) return found as Extract<ProcessMessage, { event: typeof name }>;
        const hasEnded = await Promise.race([
          once(child, 'event').then(() => false),
          exited.then(() => true),
        ]);
        const isThere = events.some((event) => event.event === name);
        if (hasEnded && !isThere) {
          throw new Error(`the server ended without "${name}": ${JSON.stringify(events)}\n${output}`);
        }
      }
    },
    async fetch(address, target, headers = {}) {
      const ca = await readFile(path.join(home, 'keys', 'ca.crt'));
      return await new Promise((resolve, reject) => {
        const request = get(new URL(target, address), { ca, headers, agent: false }, (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            body += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        });
        request.on('error', reject);
      });
    },
  };
}
