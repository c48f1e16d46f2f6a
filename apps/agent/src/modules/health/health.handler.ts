import type { CommandHandler } from '../commands/index.ts';
import { findOverallState, type HealthCheck } from './health-check.ts';

/** Obeys `run-health-check`: it looks and changes nothing, so it is safe to repeat. */
export function createHealthHandler(runChecks: () => Promise<readonly HealthCheck[]>): CommandHandler {
  return {
    type: 'run-health-check',
    isSafeToRepeat: true,
    run: async () => {
      const checks = await runChecks();
      return { detail: describeHealth(checks), result: { overall: findOverallState(checks), checks } };
    },
  };
}

function describeHealth(checks: readonly HealthCheck[]): string {
  const bad = checks.filter(({ state }) => state !== 'ok');
  if (bad.length === 0) return `All ${checks.length} checks are well.`;
  return bad.map(({ name, text }) => `${name}: ${text}`).join(' ');
}
