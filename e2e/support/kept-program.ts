import { type RunningProcess, signalProcess } from './running-process.ts';

/** A program that is started again at once whenever it ends, as a service manager does. */
export interface KeptProgram {
  readonly current: RunningProcess;
  readonly startCount: number;
  /** SIGKILL to the process that runs now; the next one has been started when this resolves. */
  kill(): Promise<void>;
  /** How processes ended that nobody killed, each with the last it said. */
  readonly otherEnds: readonly string[];
  /** Ctrl-C, and no further start; the exit status. */
  stop(): Promise<number | null>;
}

const saidAtLast = 2_000;
const kept = new Set<KeptProgram>();

/** Stops every program that is kept running. What a test left behind would be started again and again otherwise. */
export async function stopKeptPrograms(): Promise<void> {
  await Promise.all([...kept].map((one) => one.stop()));
}

export function keepRunning(start: () => RunningProcess): KeptProgram {
  const otherEnds: string[] = [];
  let isStopping = false;
  let startCount = 0;
  let killed: RunningProcess | undefined;
  let current = startNext();

  function startNext(): RunningProcess {
    const next = start();
    startCount += 1;
    void next.exited.then((code) => {
      if (isStopping) return;
      if (next !== killed) otherEnds.push(`status ${code}: ${next.output().slice(-saidAtLast)}`);
      current = startNext();
    });
    return next;
  }

  const program: KeptProgram = {
    get current() {
      return current;
    },
    get startCount() {
      return startCount;
    },
    otherEnds,
    async kill() {
      killed = current;
      signalProcess(killed.pid, 'SIGKILL');
      await killed.exited;
    },
    async stop() {
      isStopping = true;
      kept.delete(program);
      return await current.stop();
    },
  };
  kept.add(program);
  return program;
}
