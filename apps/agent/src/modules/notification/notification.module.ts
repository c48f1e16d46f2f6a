import type { AgentModule, ModuleNeeds } from '../agent-module.ts';

/** Ends the stream with the agent. It is opened where the server wants one, after the choice of the way. */
export const notificationModule = {
  name: 'notification',
  create: ({ stream }: Pick<ModuleNeeds, 'stream'>) => ({ stop: () => stream.stop() }),
} satisfies AgentModule;
