import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ExitCode } from '../cli.errors.ts';
import { entryArguments, type EntryName } from './entry.ts';

const exitCodes: readonly number[] = Object.values(ExitCode);

/** Runs a program in the foreground with this terminal, and passes its exit status on. */
export async function runEntry(name: EntryName, args: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [...entryArguments(name), ...args], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  // A terminal sends Ctrl-C to the child as well, and this process only waits for it. All else is passed on.
  const interrupt = process.stdin.isTTY ? (): void => undefined : forward;
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', forward);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code !== null && exitCodes.includes(code) ? (code as ExitCode) : ExitCode.refused;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', forward);
  }
}
