import { createRegistrationStore } from '../modules/registration/index.ts';
import {
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
import type { AgentCommand } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

type ServiceCommand = AgentCommand & { readonly name: 'install' | 'uninstall' };

/** `install` and `uninstall`. */
export async function runService(command: ServiceCommand, context: CommandContext): Promise<void> {
  const { config, output } = context;
  const places = planServicePlaces();
  if (command.isDryRun) {
    const { home } = config;
    const text =
      command.name === 'install'
        ? `# ${context.runtimePath} is copied to ${places.runtimePath},\n# ${context.programPath} to ${places.programPath}.\n` +
          `# ${places.unitPath}:\n${formatSystemdUnit({ ...places, home })}`
        : `# ${serviceName} is stopped; ${places.unitPath} and ${places.folder} are removed; ${home} stays.\n`;
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
    const outcome = await uninstallService(options);
    const text =
      outcome === 'removed'
        ? `The service is removed. ${config.home} stays.\n`
        : 'The service was not installed.\n';
    return command.isJson ? output.data(formatJson({ outcome })) : output.message(text);
  }
  await installService({
    ...options,
    isEnrolled: isEnrolled(config.home),
    home: config.home,
    runtimePath: context.runtimePath,
    programPath: context.programPath,
  });
  if (command.isJson) output.data(formatJson({ outcome: 'installed', ...places }));
  else output.message(`${serviceName} is installed and runs. Its log: journalctl -u ${serviceName}\n`);
}

function isEnrolled(home: string): boolean {
  const database = openStateDatabaseForReading(describeStateFolder(home).databasePath, stateVersion);
  try {
    return database !== undefined && createRegistrationStore(database).find() !== undefined;
  } finally {
    database?.close();
  }
}
