import { commandCatalogue } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';
import { findOverallState } from './health-check.ts';
import type { HealthCheck } from './health-state.ts';

/** It looks and changes nothing, so it may be repeated. */
export function createHealthHandler(runChecks: () => Promise<readonly HealthCheck[]>): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.runHealthCheck,
    onRestart: OnRestart.repeat,
    run: async () => {
      const checks = await runChecks();
      return {
        detail: describeHealth(checks),
        result: { overall: findOverallState(checks), checks: checks.map((check) => ({ ...check })) },
      };
    },
  });
}

function describeHealth(checks: readonly HealthCheck[]): string {
  const bad = checks.filter(({ state }) => state !== 'ok');
  if (bad.length === 0) return `All ${checks.length} checks are well.`;
  return bad.map(({ name, text }) => `${name}: ${text}`).join(' ');
}
