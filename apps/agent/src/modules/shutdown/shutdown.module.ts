import { wait } from '../../platform/timers.ts';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createShutdownHandlers } from './shutdown.handlers.ts';

/** Lets the server restart this computer or shut it down. */
export const shutdownModule = {
  name: 'shutdown',
  create: ({ power, messenger, clock }: Pick<ModuleNeeds, 'power' | 'messenger' | 'clock'>) => ({
    commands: createShutdownHandlers({ power, messenger, clock, wait }),
  }),
} satisfies AgentModule;
