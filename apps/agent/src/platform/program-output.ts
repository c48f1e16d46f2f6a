import { spawn } from 'node:child_process';

export interface ProgramOutputLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** For what a program that has ended still had in its pipe. */
  readonly drainMs: number;
}

const defaultLimits: ProgramOutputLimits = { timeoutMs: 60_000, maxBytes: 4_194_304, drainMs: 1_000 };

/** Somebody else than this process in whose name a program runs. Only root can ask for it. */
export interface ProgramUser {
  readonly userId: number;
  readonly groupId: number;
  /** All that the program finds in its environment: nothing of ours is for others. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a program and gives what it printed, or `undefined` when it is missing, fails, hangs or prints too much. */
export type RunProgram = (
  file: string,
  args: readonly string[],
  user?: ProgramUser,
) => Promise<string | undefined>;

/** A {@link RunProgram} that starts real programs, without a shell and without input. */
export function createRunProgram(limits: ProgramOutputLimits = defaultLimits): RunProgram {
  return (file, args, user) =>
    new Promise((resolve) => {
      const child = spawn(file, args, {
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: limits.timeoutMs,
        killSignal: 'SIGKILL',
        windowsHide: true,
        // Further groups of ours are dropped with the user id.
        ...(user === undefined
          ? {}
          : { uid: user.userId, gid: user.groupId, env: user.environment, cwd: '/' }),
      });
      const chunks: Buffer[] = [];
      let total = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > limits.maxBytes) child.kill('SIGKILL');
        else chunks.push(chunk);
      });
      // A program that is not there is a fact that is not there.
      child.on('error', () => resolve(undefined));
      // Whoever else has the other end of the pipe, such as a program that it started or the person in whose name it ran, may keep
      // it open for ever: the end of the program counts, not that of the pipe.
      child.on('exit', () => {
        const drained = setTimeout(() => child.stdout.destroy(), limits.drainMs);
        child.stdout.once('close', () => clearTimeout(drained));
      });
      child.on('close', (code) => {
        resolve(code === 0 && total <= limits.maxBytes ? Buffer.concat(chunks).toString('utf8') : undefined);
      });
    });
}
