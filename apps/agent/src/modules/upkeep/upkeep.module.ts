import type { AgentModule } from '../agent-module.ts';
import type { EventLog, LogLevelSetting } from '../logs/index.ts';
import { createLogLevelHandler } from './log-level.handler.ts';
import { createRestartHandler, type RestartOptions } from './restart.handler.ts';
import { createServerContactHandlers, type ServerContactOptions } from './server-contact.handlers.ts';

export interface UpkeepModuleOptions extends RestartOptions, ServerContactOptions {
  readonly levelSetting: LogLevelSetting;
  readonly events: EventLog;
}

/** Lets the server order what is about the agent itself. */
export function createUpkeepModule(options: UpkeepModuleOptions): AgentModule {
  return {
    name: 'upkeep',
    commands: [
      ...createServerContactHandlers(options),
      createRestartHandler(options),
      createLogLevelHandler(options.levelSetting, options.events),
    ],
  };
}
