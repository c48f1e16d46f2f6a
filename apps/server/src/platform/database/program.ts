import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** Undefined when the program could not be started or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly errors: string;
}

/** Text beyond this is dropped: the programs here print a page at most. */
const MAX_TEXT = 64 * 1024;

/**
 * What programs of the database see of the environment: nothing of ours. Their messages are English,
 * because the supervisor reads them, and their times are UTC.
 */
export const programEnvironment: NodeJS.ProcessEnv = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Runs a short program to its end; ends it when it takes too long. Never throws. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: {
    readonly user?: { readonly uid: number; readonly gid: number } | undefined;
    readonly timeoutMs?: number;
  } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: '/',
      env: programEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 10_000,
      killSignal: 'SIGKILL',
      ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (output.length < MAX_TEXT) output += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < MAX_TEXT) errors += chunk.toString('utf8');
    });
    child.once('error', (error) => resolve({ exitCode: undefined, output, errors: error.message }));
    child.once('close', (code) => resolve({ exitCode: code ?? undefined, output, errors }));
  });
}
