import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ExitCode } from '../cli.errors.ts';
import { entryArguments, type EntryName } from './entry.ts';

const exitCodes: readonly number[] = Object.values(ExitCode);

/** Runs a program in the foreground with this terminal, and passes its exit status on. */
export async function runEntry(name: EntryName, args: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [...entryArguments(name), ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to the child as well; this process only waits for it. Other signals are passed on.
  const ignore = (): void => undefined;
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore);
  process.on('SIGTERM', forward);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code !== null && exitCodes.includes(code) ? (code as ExitCode) : ExitCode.refused;
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', forward);
  }
}
