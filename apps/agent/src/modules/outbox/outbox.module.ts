import type { AgentModule, ModuleNeeds } from '../agent-module.ts';

/** Brings reports of commands to the server. */
export const outboxModule = {
  name: 'outbox',
  create: ({ reportDelivery }: Pick<ModuleNeeds, 'reportDelivery'>) => ({
    errands: [
      {
        name: 'upload',
        occasions: ['handshake'],
        isPartOfFarewell: true,
        run: async () => await reportDelivery.send(),
      },
    ],
  }),
} satisfies AgentModule;
