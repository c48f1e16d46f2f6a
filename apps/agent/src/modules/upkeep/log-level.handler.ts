import { commandCatalogue } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';
import type { LogWriter, LogLevelSetting } from '../logs/index.ts';

/** A repetition would only begin the time anew. */
export function createLogLevelHandler(setting: LogLevelSetting, events: LogWriter): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.setLogLevel,
    onRestart: OnRestart.repeat,
    run: async ({ parameters: { level, forMinutes } }) => {
      const former = setting.current();
      setting.set(level, forMinutes);
      const facts = { from: former, to: level, ...(forMinutes === undefined ? {} : { forMinutes }) };
      events.record('log-level-changed', facts);
      const time = forMinutes === undefined ? '' : ` for ${forMinutes} min`;
      return { detail: `The log level is ${level}${time}; it was ${former}.`, result: facts };
    },
  });
}
