import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A server under measurement, in a process of its own that reports the processor time it used. */
export interface Subject {
  readonly port: number;
  /** What else the subject said when it was ready. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Processor time since start, in microseconds. */
  cpuUs(): Promise<number>;
  /** What it counted so far. */
  counts(): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** Starts `file` (relative to bench/), which must call `serveSubject`. */
export async function startSubject(
  file: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): Promise<Subject> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...execArgv],
  });
  const facts = await nextMessage(child);
  const ask = (): Promise<Record<string, unknown>> => {
    const answer = nextMessage(child);
    child.send('figures');
    return answer;
  };
  return {
    port: Number(facts['port']),
    facts,
    cpuUs: async () => Number((await ask())['cpuUs']),
    counts: ask,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
    },
  };
}

function nextMessage(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`The subject ended with status ${code}.`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as Record<string, unknown>);
    });
  });
}

/** To be called by a subject once it listens: answers questions of the parent until that goes away. */
export function serveSubject(
  facts: Readonly<Record<string, unknown>>,
  readCounts: () => Readonly<Record<string, unknown>> = () => ({}),
): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ ...readCounts(), cpuUs: user + system });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(facts);
}
