import type { Command } from 'commander';
import type { AddAction } from '../command-tools.ts';
import { runEntry } from '../processes/run-entry.ts';
import { runUp } from '../processes/up.ts';

export function addServerCommands(program: Command, addAction: AddAction): void {
  addAction(
    program
      .command('up')
      .description('run server, database, console and an agent for this computer until Ctrl-C')
      .option('--no-agent', 'without the agent')
      .addHelpText('after', '\nConfiguration comes from HOLDFAST_… variables, see docs/configuration.md.\n'),
    async (tools, options) => runUp(tools.context, { withAgent: options['agent'] !== false }),
  );
  addAction(program.command('server').description('run the management server alone'), async (tools) =>
    runEntry(tools.context, 'server', []),
  );
}
