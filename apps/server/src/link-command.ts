import { describeFailure, formatFailure, formatFailureJson } from '@holdfast/kernel';
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
  const failure = describeFailure(error);
  process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
  return failure.code === 'DATABASE_UNAVAILABLE' ? ExitCode.Unreachable : ExitCode.Refused;
}
