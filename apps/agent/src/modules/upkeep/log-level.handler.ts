import { type LogLevel, logLevels } from '../../platform/log.ts';
import type { CommandHandler } from '../commands/index.ts';
import type { EventLog, LogLevelSetting } from '../logs/index.ts';
import { UpkeepError } from './upkeep.errors.ts';

const MAX_MINUTES = 1_440;

/** Obeys `set-log-level`. A repetition would only begin the time anew. */
export function createLogLevelHandler(setting: LogLevelSetting, events: EventLog): CommandHandler {
  return {
    type: 'set-log-level',
    isSafeToRepeat: true,
    run: async ({ parameters }) => {
      const level = parseLevel(parameters['level']);
      const forMinutes = parseMinutes(parameters['forMinutes']);
      const former = setting.current();
      setting.set(level, forMinutes);
      const facts = { from: former, to: level, ...(forMinutes === undefined ? {} : { forMinutes }) };
      events.record('log-level-changed', facts);
      const time = forMinutes === undefined ? '' : ` for ${forMinutes} min`;
      return { detail: `The log level is ${level}${time}; it was ${former}.`, result: facts };
    },
  };
}

function parseLevel(value: unknown): LogLevel {
  const level = logLevels.find((known) => known === value);
  if (level !== undefined) return level;
  throw new UpkeepError('COMMAND_PARAMETERS_INVALID', `The level must be one of ${logLevels.join(', ')}.`);
}

function parseMinutes(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_MINUTES)
    return value;
  throw new UpkeepError(
    'COMMAND_PARAMETERS_INVALID',
    `forMinutes must be a number from 1 to ${MAX_MINUTES}.`,
  );
}
