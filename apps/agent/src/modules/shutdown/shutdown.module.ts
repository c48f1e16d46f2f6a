import { wait } from '../../platform/timers.ts';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createShutdownHandlers } from './shutdown.handlers.ts';

/** Lets the server restart this computer or shut it down. */
export const shutdownModule = {
  name: 'shutdown',
  create: ({ computer, clock }: Pick<ModuleNeeds, 'computer' | 'clock'>) => ({
    commands: createShutdownHandlers({ ...computer, clock, wait }),
  }),
} satisfies AgentModule;
