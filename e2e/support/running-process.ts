import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** A program that a test has started, with all that it has printed. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  output(): string;
  isOver(): boolean;
  /** Resolves with the exit status, `null` after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks it to end; what has not ended after `limitMs` is killed, together with what it had started. */
  stop(limitMs?: number): Promise<number | null>;
}

const stopLimitMs = 30_000;
const running = new Set<RunningProcess>();

// Whatever happens to the test, nothing that it started outlives it.
process.on('exit', () => {
  for (const { pid } of running) killTree(pid);
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

export function startProcess(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  input?: string,
): RunningProcess {
  const child = spawn(file, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stdin.on('error', () => {}); // A program that does not read its input may end first.
  child.stdin.end(input ?? '');
  let isOver = false;
  const exited = once(child, 'exit').then(([code]) => {
    isOver = true;
    running.delete(started);
    return code as number | null;
  });
  const started: RunningProcess = {
    child,
    pid: child.pid ?? 0,
    output: () => output,
    isOver: () => isOver,
    exited,
    async stop(limitMs = stopLimitMs) {
      if (isOver) return exited;
      child.kill('SIGCONT');
      child.kill('SIGINT');
      const timer = setTimeout(() => killTree(started.pid), limitMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
  running.add(started);
  return started;
}

/** Stops everything that the tests of this process have started and not stopped. */
export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop()));
}

interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly commandLine: string;
}

/** Processes below `pid`, nearest first. */
export function listDescendants(pid: number): ProcessEntry[] {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/u.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid: Number(name), parentPid: Number(parent), commandLine }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
  const found: ProcessEntry[] = [];
  let level = [pid];
  while (level.length > 0) {
    const next = all.filter((entry) => level.includes(entry.parentPid));
    found.push(...next);
    level = next.map((entry) => entry.pid);
  }
  return found;
}

/** Sends a signal to a process that may be gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function killTree(pid: number): void {
  const below = listDescendants(pid);
  signalProcess(pid, 'SIGKILL');
  for (const entry of below) signalProcess(entry.pid, 'SIGKILL');
}
