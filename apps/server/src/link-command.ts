import { AppError } from '@holdfast/kernel';
import type { ServerConfig } from './config.ts';
import {
  type ConnectionSettings,
  findEmbeddedConnection,
  parseDatabaseUrl,
} from './platform/database/index.ts';

/** What the programs have in common that print a one-time link for whoever owns the server. */
export const ExitCode = { Done: 0, Refused: 1, Usage: 2, Unreachable: 4 } as const;

export async function findConnection(config: ServerConfig): Promise<ConnectionSettings> {
  if (config.database.kind === 'external') return parseDatabaseUrl(config.database.url.reveal());
  return await findEmbeddedConnection(config.home);
}

/** @returns the exit code */
export function tellFailure(error: unknown, isJson: boolean): number {
  const isKnown = error instanceof AppError;
  const code = isKnown ? String(error.code) : 'INTERNAL_ERROR';
  const message = error instanceof Error ? error.message : 'The program failed.';
  const remedy = isKnown ? error.remedy : undefined;
  const text = isJson
    ? `${JSON.stringify({ code, message, ...(remedy === undefined ? {} : { remedy }) })}\n`
    : `holdfast: ${message} (${code})\n${remedy === undefined ? '' : `  ${remedy}\n`}`;
  process.stderr.write(text);
  if (!isKnown && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return code === 'DATABASE_UNAVAILABLE' ? ExitCode.Unreachable : ExitCode.Refused;
}
