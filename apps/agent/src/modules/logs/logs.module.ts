import type { AgentModule, ModuleNeeds } from '../agent-module.ts';

/** Brings log entries to the server, and says in each heartbeat how many wait. */
export const logsModule = {
  name: 'logs',
  create: ({ journals, logDelivery }: Pick<ModuleNeeds, 'journals' | 'logDelivery'>) => ({
    heartbeat: () => ({ waitingEntryCount: journals.countWaiting() }),
    errands: [
      {
        name: 'logs',
        occasions: ['handshake', 'idle-hours-end'],
        isPartOfFarewell: true,
        run: async () => await logDelivery.send(),
      },
    ],
  }),
} satisfies AgentModule;
