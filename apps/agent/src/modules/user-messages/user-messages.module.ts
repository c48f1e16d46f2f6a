import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createShowMessageHandler } from './show-message.handler.ts';

/** Lets the server show a message to whoever is signed in. */
export const userMessagesModule = {
  name: 'user-messages',
  create: ({ computer }: Pick<ModuleNeeds, 'computer'>) => ({
    commands: [createShowMessageHandler(computer.messenger)],
  }),
} satisfies AgentModule;
