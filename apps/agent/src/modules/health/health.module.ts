import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { assessHealth } from './health-check.ts';
import { readHealthFacts } from './health-facts.ts';
import { createHealthHandler } from './health.handler.ts';

/** Lets the server ask how well this agent is. */
export const healthModule = {
  name: 'health',
  create: ({
    database,
    home,
    clock,
    refusals,
    diskRoom,
  }: Pick<ModuleNeeds, 'database' | 'home' | 'clock' | 'refusals' | 'diskRoom'>) => {
    const runChecks = async () => {
      const residentBytes = process.memoryUsage.rss();
      const diskFullSince = diskRoom.fullSince();
      const running = { residentBytes, isRunning: true, refusals: refusals.current, diskFullSince };
      const facts = await readHealthFacts({ database, home, ...running });
      return assessHealth(facts, clock.now());
    };
    return { commands: [createHealthHandler(runChecks)] };
  },
} satisfies AgentModule;
