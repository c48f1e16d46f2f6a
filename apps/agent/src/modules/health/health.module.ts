import type { Clock } from '@holdfast/kernel';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { AgentModule } from '../agent-module.ts';
import type { RefusalRecord } from '../refusals/index.ts';
import { assessHealth } from './health-check.ts';
import { readHealthFacts } from './health-facts.ts';
import { createHealthHandler } from './health.handler.ts';

export interface HealthModuleOptions {
  readonly database: StateDatabase;
  /** State folder. */
  readonly home: string;
  readonly clock: Clock;
  readonly getRefusals: () => RefusalRecord;
  readonly getDiskFullSince: () => number | undefined;
}

/** Lets the server ask how well this agent is. */
export function createHealthModule(options: HealthModuleOptions): AgentModule {
  const { database, home, clock, getRefusals, getDiskFullSince } = options;
  const runChecks = async () => {
    const residentBytes = process.memoryUsage.rss();
    const refusals = getRefusals();
    const diskFullSince = getDiskFullSince();
    const running = { residentBytes, isRunning: true, refusals, diskFullSince };
    const facts = await readHealthFacts({ database, home, ...running });
    return assessHealth(facts, clock.now());
  };
  return { name: 'health', commands: [createHealthHandler(runChecks)] };
}
