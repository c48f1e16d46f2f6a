import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { entryArguments, type EntryName } from './entry.ts';

const exitCodes: readonly number[] = Object.values(ExitCode);

/**
 * Runs a program in the foreground with this terminal, and passes its exit status on.
 *
 * @throws CliError `PROCESS_FAILED` when somebody ended it: then it could not say so itself
 */
export async function runEntry(
  context: Pick<CliContext, 'noteTold'>,
  name: EntryName,
  args: readonly string[],
): Promise<ExitCode> {
  const child = spawn(process.execPath, [...entryArguments(name), ...args], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  // A terminal sends Ctrl-C to the child as well, and this process only waits for it. All else is passed on.
  const interrupt = process.stdin.isTTY ? (): void => undefined : forward;
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code === null) throw new CliError('PROCESS_FAILED', `The program was ended by ${signal}.`);
    if (code !== 0) context.noteTold?.();
    return exitCodes.includes(code) ? (code as ExitCode) : ExitCode.refused;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', forward);
  }
}
