import { spawn } from 'node:child_process';

/** How a program came to its end. */
export interface ProgramEnd {
  /** Exit status; `undefined` when it was missing, ended by a signal, or took too long. */
  readonly status: number | undefined;
  /** The last of what it printed, both ways. */
  readonly output: string;
}

export interface ProgramEndLimits {
  readonly timeoutMs: number;
  /** Of the output that is kept. */
  readonly maxBytes: number;
  /** The memory that the program may use, where somebody bounds it. */
  readonly maxMemoryBytes: number;
}

/** Runs a program to its end, without a shell and without input. Never throws. */
export type RunToEnd = (
  file: string,
  args: readonly string[],
  options?: {
    readonly signal?: AbortSignal;
    readonly environment?: Readonly<Record<string, string>>;
  },
) => Promise<ProgramEnd>;

export interface RunToEndOptions {
  readonly limits: ProgramEndLimits;
  /**
   * The program runs as a unit of its own beside the agent's: neither the bounds of the agent's memory nor what its unit takes away from
   * it are meant for a scanner, or for the program that reloads one. https://www.freedesktop.org/software/systemd/man/systemd-run.html
   */
  readonly asUnit: boolean;
}

export function createRunToEnd({ limits, asUnit }: RunToEndOptions): RunToEnd {
  return (file, args, { signal, environment = {} } = {}) => {
    const [program = '', ...words] = asUnit
      ? [...unitWords(limits, environment), file, ...args]
      : [file, ...args];
    return new Promise((resolve) => {
      const child = spawn(program, words, {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: limits.timeoutMs,
        killSignal: 'SIGKILL',
        windowsHide: true,
        cwd: '/',
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
        ...(signal === undefined ? {} : { signal }),
      });
      let kept = Buffer.alloc(0);
      const keep = (chunk: Buffer): void => {
        kept = Buffer.concat([kept, chunk]).subarray(-limits.maxBytes);
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      // A program that is not there has no status.
      child.on('error', () => resolve({ status: undefined, output: kept.toString('utf8') }));
      // Whoever else holds the other end of a pipe may do so for ever: the end of the program counts.
      child.on('exit', (status) => {
        const end = (): void => resolve({ status: status ?? undefined, output: kept.toString('utf8') });
        const drained = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          end();
        }, 1_000);
        child.on('close', () => {
          clearTimeout(drained);
          end();
        });
      });
    });
  };
}

function unitWords(
  { maxMemoryBytes, timeoutMs }: ProgramEndLimits,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    'systemd-run',
    '--quiet',
    '--collect',
    '--wait',
    '--pipe',
    `--property=MemoryMax=${maxMemoryBytes}`,
    `--property=RuntimeMaxSec=${Math.ceil(timeoutMs / 1_000)}`,
    '--property=Nice=10',
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
  ];
}
