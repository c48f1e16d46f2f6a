import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { runEntry } from '../processes/run-entry.ts';
import type { ProgramOutcome } from '../command-tools.ts';

/** `holdfast agent …` is the agent's own program; its arguments are passed on untouched. */
export function addAgentCommand(program: Command, context: CliContext, outcome: ProgramOutcome): Command {
  return program
    .command('agent')
    .description('the agent of this computer: enroll, run, status, install, uninstall')
    .argument('[arguments...]', 'see `holdfast agent --help`')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast agent enroll -        (the token is read from standard input)\n  holdfast agent status --json\n',
    )
    .action(async (args: string[]) => {
      outcome.exitCode = await runEntry(context, 'agent', args);
    });
}
