import { changeDeviceTags, isTagName, planDeviceTags, undoTagChange } from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { collect, readText, readTexts } from './arguments.ts';
import { confirm } from './confirm.ts';
import { readTargets, withFilter } from './device-filter.ts';

export function addDeviceTagCommand(directory: Command, addAction: AddAction): void {
  addAction(
    withFilter(
      directory
        .command('tag')
        .description('put tags on devices and take tags off, by name, by group or by any filter')
        .argument('[devices...]', 'names or ids'),
    )
      .option('--all', 'every device that you may edit')
      .option('--add <tag>', 'put this tag on; may be repeated', collect)
      .option('--remove <tag>', 'take this tag off; may be repeated', collect)
      .option('--undo <id>', 'take a change back, as the change itself said')
      .option('--yes', 'do not ask before changing what a filter finds')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast directory tag laptop-17 --add kiosk --remove lab\n  holdfast directory tag --group Berlin --platform windows --add env:prod\n',
      ),
    tagDevices,
  );
}

async function tagDevices(
  tools: CommandTools,
  options: Record<string, unknown>,
  devices: readonly string[],
): Promise<void> {
  const client = await tools.client();
  const changeId = readText(options, 'undo');
  if (changeId !== undefined) {
    const undone = await client.call(undoTagChange, { params: { changeId } });
    tools.printer.result(undone, () => `Taken back on ${countDevices(undone.changedCount)}.\n`);
    return;
  }
  const [add, remove] = [readTexts(options, 'add'), readTexts(options, 'remove')];
  refuseOddNames('add', add);
  refuseOddNames('remove', remove);
  if (add.length + remove.length === 0) {
    throw new CliError('ARGUMENT_INVALID', 'Say which tags: --add or --remove.');
  }
  const change = { targets: await readTargets(tools, options, devices), add, remove };
  const plan = await client.call(planDeviceTags, { body: change });
  // Whoever names devices knows what is meant; what a filter finds is shown first.
  if ('filter' in change.targets) await confirm(tools, options, plan.consequences);
  const changed = await client.call(changeDeviceTags, { body: { ...change, planToken: plan.planToken } });
  tools.printer.result(changed, () =>
    changed.changeId === null
      ? 'Nothing to change.\n'
      : `Changed ${countDevices(changed.changedCount)}. Undo: holdfast directory tag --undo ${changed.changeId}\n`,
  );
}

function countDevices(count: number): string {
  return count === 1 ? '1 device' : `${count} devices`;
}

/** A list with commas is the likeliest slip. @throws CliError ARGUMENT_INVALID */
function refuseOddNames(option: 'add' | 'remove', names: readonly string[]): void {
  const odd = names.find((name) => !isTagName(name));
  if (odd === undefined) return;
  throw new CliError('ARGUMENT_INVALID', `"${odd}" is no tag; give --${option} once for each.`, {
    remedy: 'A tag has letters, digits and . _ : - only, at most 40 of them.',
  });
}
