/** What the programs `backup.main.ts` and `restore.main.ts` share: arguments, passphrase, output, exit codes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { describeFailure, formatFailure, formatFailureJson } from '@holdfast/kernel';
import type { BackupProgress } from '../platform/database/backup/index.ts';

/** As everywhere in Holdfast: 0 done, 1 refused or failed, 2 usage, 3 verification failed, 4 not reachable. */
export const ExitCode = { Done: 0, Failed: 1, Usage: 2, VerificationFailed: 3, Unreachable: 4 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface BackupArguments {
  readonly file: string;
  readonly isJson: boolean;
  /** Only read and check the file. */
  readonly isVerifyOnly: boolean;
  /** A file whose first line is the passphrase; `-` is the standard input. */
  readonly passphraseFile: string | undefined;
}

const CODES_OF_FAILED_VERIFICATION: ReadonlySet<string> = new Set([
  'BACKUP_DAMAGED',
  'BACKUP_NOT_A_BACKUP',
  'BACKUP_PASSPHRASE_WRONG',
]);

/** Undefined when the arguments make no sense; the usage is then to be shown. */
export function parseBackupArguments(args: readonly string[]): BackupArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        verify: { type: 'boolean', default: false },
        'passphrase-file': { type: 'string' },
      },
    });
    const [file] = positionals;
    if (file === undefined || file === '' || positionals.length !== 1) return undefined;
    return {
      file: path.resolve(file),
      isJson: values.json,
      isVerifyOnly: values.verify,
      passphraseFile: values['passphrase-file'],
    };
  } catch {
    // An unknown option: the usage says what is known.
    return undefined;
  }
}

/** The first line of the file. Never from an argument or a variable, which other users may see. */
export async function readPassphrase(file: string): Promise<string> {
  const text = file === '-' ? (await buffer(process.stdin)).toString('utf8') : readFileSync(file, 'utf8');
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** Version of this program, from its package. */
export function readProductVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** A line that is written over itself while somebody looks on; nothing otherwise. */
export function showProgress({ isJson }: BackupArguments): (progress: BackupProgress) => void {
  if (isJson || !process.stderr.isTTY) return () => {};
  return ({ done, total, part }) => {
    process.stderr.write(`\r\u001b[K${Math.floor((100 * done) / Math.max(total, 1))} %  ${part}`);
  };
}

/** Runs the work of a program and ends the process with the fitting code. */
export async function runBackupCommand(
  usage: string,
  work: (
    args: BackupArguments,
    signal: AbortSignal,
  ) => Promise<{ readonly json: object; readonly text: string }>,
): Promise<void> {
  const args = parseBackupArguments(process.argv.slice(2));
  if (args === undefined) {
    process.stderr.write(usage);
    process.exitCode = ExitCode.Usage;
    return;
  }
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => abort.abort());
  try {
    const { json, text } = await work(args, abort.signal);
    if (process.stderr.isTTY && !args.isJson) process.stderr.write('\r\u001b[K');
    process.stdout.write(args.isJson ? `${JSON.stringify(json)}\n` : text);
  } catch (error) {
    process.exitCode = tellFailure(error, args);
  }
}

function tellFailure(error: unknown, { isJson }: BackupArguments): ExitCode {
  const isInterrupted = error instanceof Error && error.name === 'AbortError';
  const failure = isInterrupted
    ? { code: 'INTERRUPTED', message: 'Interrupted. Nothing was changed.' }
    : describeFailure(error);
  process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
  if (failure.code === 'DATABASE_UNAVAILABLE') return ExitCode.Unreachable;
  return CODES_OF_FAILED_VERIFICATION.has(failure.code) ? ExitCode.VerificationFailed : ExitCode.Failed;
}
