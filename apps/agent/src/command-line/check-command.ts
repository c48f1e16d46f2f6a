import { formatFailure, formatFailureJson, toTerminalText } from '@holdfast/kernel';
import {
  assessHealth,
  findOverallState,
  type HealthCheck,
  type HealthState,
  readHealthFacts,
} from '../modules/health/index.ts';
import { createNotEnrolledError } from '../modules/registration/index.ts';
import { readResidentBytes } from '../platform/process-memory.ts';
import { openStateDatabaseForReading } from '../platform/state-database.ts';
import { findRunningProcess } from '../platform/state-lock.ts';
import { chooseAgentFolder } from './agent-folder.ts';
import type { CommandContext } from './command-context.ts';
import { ExitCode } from './command-line.errors.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

/** `check`: what the command run-health-check of the server looks at. Changes nothing. Fails when a check does. */
export async function runCheck(
  { isJson }: { readonly isJson: boolean },
  { config, clock, output }: CommandContext,
): Promise<ExitCode> {
  const { folder, isInUse, note } = chooseAgentFolder(config);
  const database = isInUse ? openStateDatabaseForReading(folder.databasePath, stateVersion) : undefined;
  if (database === undefined) throw createNotEnrolledError();
  try {
    const running = findRunningProcess(folder);
    const residentBytes = running === undefined ? undefined : readResidentBytes(running.processId);
    const isRunning = running !== undefined;
    const facts = await readHealthFacts({ database, home: folder.path, residentBytes, isRunning });
    const checks = assessHealth(facts, clock.now());
    const overall = findOverallState(checks);
    output.data(isJson ? formatJson({ overall, checks }) : checks.map(describeCheck).join(''));
    if (note !== undefined) output.message(note);
    if (overall !== 'failed') return ExitCode.done;
    const failure = { code: 'CHECK_FAILED', message: 'The agent is not well; the checks say what is wrong.' };
    output.message(isJson ? formatFailureJson(failure) : formatFailure(failure));
    return ExitCode.failed;
  } finally {
    database.close();
  }
}

const marks: Readonly<Record<HealthState, string>> = { ok: 'ok', warning: 'WARNING', failed: 'FAILED' };

function describeCheck({ name, state, text }: HealthCheck): string {
  return `${name.padEnd(14)}${marks[state].padEnd(9)}${toTerminalText(text)}\n`;
}
