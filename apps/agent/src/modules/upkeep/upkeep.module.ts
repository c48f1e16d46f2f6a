import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createLogLevelHandler } from './log-level.handler.ts';
import { createRestartHandler, type RestartOptions } from './restart.handler.ts';
import { createServerContactHandlers, type ServerContactOptions } from './server-contact.handlers.ts';

type UpkeepNeeds = RestartOptions & ServerContactOptions & Pick<ModuleNeeds, 'levelSetting' | 'events'>;

/** Lets the server order what is about the agent itself. */
export const upkeepModule = {
  name: 'upkeep',
  create: (needs: UpkeepNeeds) => ({
    commands: [
      ...createServerContactHandlers(needs),
      createRestartHandler(needs),
      createLogLevelHandler(needs.levelSetting, needs.events),
    ],
  }),
} satisfies AgentModule;
