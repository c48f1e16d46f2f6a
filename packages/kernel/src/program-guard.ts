import { describeFailure, type Failure, formatFailure } from './failure.ts';

/** What the guard needs of the process that it watches; `process` itself is one. */
export interface GuardedProcess {
  readonly stdout: GuardedStream;
  readonly stderr: GuardedStream & { write: (text: string) => unknown };
  on(event: 'SIGUSR1', listener: () => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

interface GuardedStream {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface ProgramGuardOptions {
  /** Told what nobody caught. By default it is told on the standard error, and the program ends with 1. */
  readonly onFault?: (error: unknown) => void;
  /**
   * What a standard output that can no longer be written means. `end`: the output is what the program is for; a reader that went away
   * (`… | head`) is no failure. `go-on`: it has other work.
   */
  readonly whenOutputIsLost?: 'end' | 'go-on';
}

export interface ProgramGuard {
  /** Something was written to the standard error, or noted as told. */
  readonly isTold: boolean;
  /** Somebody else tells why the program ends as it does: one that it started, with the same terminal, or the one that started it. */
  noteTold(): void;
}

const EXIT_FAILED = 1;

/**
 * What every program of Holdfast begins with. It guarantees two things, whoever started the program and however it ends by itself:
 *
 * - an exit code other than 0 never goes without a sentence on the standard error;
 * - the runtime's debugger cannot be opened from outside: SIGUSR1 does nothing.
 *
 * What it cannot do: a process that is killed says nothing, and whoever waits for it tells.
 */
export function guardProgram(
  process: GuardedProcess,
  { onFault, whenOutputIsLost = 'go-on' }: ProgramGuardOptions = {},
): ProgramGuard {
  let isTold = false;
  const write = process.stderr.write.bind(process.stderr) as (...args: readonly unknown[]) => unknown;
  const tell = (failure: Failure): void => void process.stderr.write(formatFailure(failure));
  // Whatever goes there is for people. All arguments are passed on, of which a stream has more than are named here.
  process.stderr.write = (...args: readonly unknown[]): unknown => {
    isTold = true;
    return write(...args);
  };
  // The runtime opens its debugger at this signal unless somebody listens to it.
  process.on('SIGUSR1', () => {});
  // Nobody is left to read it, and nobody to tell.
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    if (whenOutputIsLost === 'go-on') return;
    const code = 'code' in error ? error.code : undefined;
    if (code === 'EPIPE') process.exit(0);
    tell({ code: 'OUTPUT_LOST', message: `The output could not be written: ${error.message}.` });
    process.exit(EXIT_FAILED);
  });
  process.on(
    'uncaughtException',
    onFault ??
      ((error) => {
        tell(describeFailure(error));
        process.exit(EXIT_FAILED);
      }),
  );
  process.on('exit', (code) => {
    if (code !== 0 && !isTold) tell(createSilentFailure(code));
  });
  return {
    get isTold() {
      return isTold;
    },
    noteTold: () => {
      isTold = true;
    },
  };
}

function createSilentFailure(code: number): Failure {
  return {
    code: 'ENDED_WITHOUT_REASON',
    message: `The program ended with status ${code} before its work was done.`,
    remedy: 'This is a defect of Holdfast; please report what you did and this line.',
  };
}
