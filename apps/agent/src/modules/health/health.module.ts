import type { Clock } from '@holdfast/kernel';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { AgentModule } from '../agent-module.ts';
import { assessHealth } from './health-check.ts';
import { readHealthFacts } from './health-facts.ts';
import { createHealthHandler } from './health.handler.ts';

export interface HealthModuleOptions {
  readonly database: StateDatabase;
  /** State folder. */
  readonly home: string;
  readonly clock: Clock;
}

/** Lets the server ask how well this agent is. */
export function createHealthModule({ database, home, clock }: HealthModuleOptions): AgentModule {
  const runChecks = async () => {
    const residentBytes = process.memoryUsage.rss();
    return assessHealth(
      await readHealthFacts({ database, home, residentBytes, isRunning: true }),
      clock.now(),
    );
  };
  return { name: 'health', commands: [createHealthHandler(runChecks)] };
}
