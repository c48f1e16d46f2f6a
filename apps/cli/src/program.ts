import { Command, CommanderError, Option } from 'commander';
import { type AddAction, type ProgramOutcome, withTools } from './command-tools.ts';
import { ExitCode } from './cli.errors.ts';
import type { CliContext } from './context.ts';
import { addAdministrationCommands } from './commands/administration.ts';
import { addAgentCommand } from './commands/agent.ts';
import { addAuthorityCommands } from './commands/authority.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCommandCommands } from './commands/commands.ts';
import { addComponentCommands } from './commands/components.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConnectCommands } from './commands/connect.ts';
import { addDirectoryCommands } from './commands/directory.ts';
import { addJobCommands } from './commands/jobs.ts';
import { addLogCommands } from './commands/logs.ts';
import { addServerCommands } from './commands/server.ts';
import { addTagCommands } from './commands/tags.ts';
import { addTokenCommands } from './commands/tokens.ts';
import { addUpdateCommands } from './commands/updates.ts';
import { addWebhookCommands } from './commands/webhooks.ts';

/** Runs the command that these arguments name. What commander prints about them is said; every other failure is thrown. */
export async function runCommandLine(
  context: CliContext,
  version: string,
  argv: readonly string[],
): Promise<ExitCode> {
  const outcome: ProgramOutcome = { exitCode: ExitCode.done };
  try {
    await createProgram(context, version, outcome).parseAsync(argv);
    return outcome.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
}

/** The whole command line as a tree; building it has no effect. */
export function createProgram(context: CliContext, version: string, outcome: ProgramOutcome): Command {
  const program = new Command('holdfast')
    .description('Keeps every computer of an organisation known, up to date and encrypted.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('Run with --help for usage and examples.')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .exitOverride()
    .enablePositionalOptions();

  const addAction: AddAction = (command, action) =>
    command
      .addOption(new Option('--json', 'print the result as JSON'))
      .action(async (...passed: unknown[]) => {
        const options = passed.at(-2) as Record<string, unknown>;
        const positional = passed
          .slice(0, -2)
          .flat()
          .filter((value): value is string => typeof value === 'string');
        const code = await withTools(context, options['json'] === true, (tools) =>
          action(tools, options, positional),
        );
        outcome.exitCode = code ?? ExitCode.done;
      });

  addServerCommands(program, addAction);
  const agent = addAgentCommand(program, context, outcome);
  addConnectCommands(program, addAction);
  addDirectoryCommands(program, addAction);
  addTagCommands(program, addAction);
  addCommandCommands(program, addAction);
  addUpdateCommands(program, addAction);
  addLogCommands(program, addAction);
  addTokenCommands(program, addAction);
  addWebhookCommands(program, addAction);
  addAdministrationCommands(program, addAction);
  addJobCommands(program, addAction);
  addComponentCommands(program, addAction);
  addBackupCommands(program, addAction);
  addAuthorityCommands(program, addAction);
  addCompletionCommand(program, context);
  inherit(program);
  // What is inherited includes the help option; that of the agent is the agent's own.
  agent.helpOption(false);
  return program;
}

/** Commander copies neither exit handling nor output to subcommands made elsewhere; every level behaves alike. */
function inherit(command: Command): Command {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
  return command;
}
