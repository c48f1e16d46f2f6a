import { existsSync } from 'node:fs';
import { createRegistrationStore, forgetToken } from '../modules/registration/index.ts';
import {
  formatStartProgram,
  formatSystemdUnit,
  installService,
  isSystemdRunning,
  planServicePlaces,
  serviceName,
  uninstallService,
} from '../modules/service/index.ts';
import { createRunProgram } from '../platform/program-output.ts';
import { openStateDatabaseForReading } from '../platform/state-database.ts';
import { describeStateFolder } from '../platform/state-folder.ts';
import { findRunningProcess } from '../platform/state-lock.ts';
import type { AgentCommand } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

type ServiceCommand = AgentCommand & { readonly name: 'install' | 'uninstall' };

/** `install` and `uninstall`. */
export async function runService(command: ServiceCommand, context: CommandContext): Promise<void> {
  const { config, output } = context;
  const places = planServicePlaces('/', command.prefix);
  if (command.isDryRun) {
    const { home } = config;
    const text =
      command.name === 'install'
        ? `# ${context.runtimePath} is copied to ${places.runtimePath},\n# ${context.programPath} to ${places.programPath}.\n` +
          `# ${places.startProgramPath}:\n${formatStartProgram({ ...places, home })}` +
          (command.withService ? `# ${places.unitPath}:\n${formatSystemdUnit({ ...places, home })}` : '')
        : `# ${serviceName} is stopped; ${places.unitPath} and what is in ${places.folder} are removed; ${home} stays.\n`;
    output.data(command.isJson ? formatJson({ ...places, home, text }) : text);
    return;
  }
  const options = {
    places,
    isRoot: process.getuid?.() === 0,
    isSystemdRunning: isSystemdRunning(),
    run: createRunProgram(),
  };
  if (command.name === 'uninstall') {
    const folder = describeStateFolder(config.home);
    const outcome = await uninstallService({
      ...options,
      home: config.home,
      runningProcessId: findRunningProcess(folder)?.processId,
      forgetToken: () => forgetToken(folder.tokenPath),
    });
    const text =
      outcome === 'removed'
        ? `The agent is removed. Its key and its state stay in ${config.home}; delete that folder to forget the computer's membership as well.\n`
        : `There is no agent in ${places.folder}.\n`;
    return command.isJson ? output.data(formatJson({ outcome })) : output.message(text);
  }
  await installService({
    ...options,
    canRun: canRun(config.home),
    withService: command.withService,
    home: config.home,
    runtimePath: context.runtimePath,
    programPath: context.programPath,
  });
  if (command.isJson) output.data(formatJson({ outcome: 'installed', ...places }));
  else if (command.withService)
    output.message(`${serviceName} is installed and runs. Its log: journalctl -u ${serviceName}\n`);
  else output.message(`The agent is installed. Start it: ${places.startProgramPath} run\n`);
}

/** An agent that was enrolled, or has the token to do so. */
function canRun(home: string): boolean {
  const folder = describeStateFolder(home);
  if (existsSync(folder.tokenPath)) return true;
  const database = openStateDatabaseForReading(folder.databasePath, stateVersion);
  try {
    return database !== undefined && createRegistrationStore(database).find() !== undefined;
  } finally {
    database?.close();
  }
}
