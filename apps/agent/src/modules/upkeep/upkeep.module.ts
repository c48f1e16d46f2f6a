/**
 * Commands about the agent itself: synchronise, restart, send the logs, shake hands again, set the log level. Promises that each
 * reports what really came of it, a restart from the process after it, and that one which needs the server waits until it
 * is there. Does not decide when an agent does these things by itself: that is the loop's.
 */
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
