import { listRecycleBin, restoreRecycled } from '@holdfast/api';
import type { Command } from 'commander';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../command-tools.ts';
import { addDeviceTagCommand } from './device-tags.ts';
import { addDeviceCommands } from './devices.ts';
import { addGroupCommands } from './groups.ts';
import { formatGroupPath } from './lookup.ts';
import { addNoteCommands } from './notes.ts';

export function addDirectoryCommands(program: Command, addAction: AddAction): void {
  const directory = program.command('directory').description('groups, devices and what is known of them');
  addDeviceCommands(directory, addAction);
  addDeviceTagCommand(directory, addAction);
  addNoteCommands(directory, addAction);
  addGroupCommands(directory, addAction);
  addAction(
    directory.command('recycle-bin').description('what was removed and can be restored'),
    async ({ client, printer }) => {
      const { items } = await (await client()).call(listRecycleBin, {});
      printer.result(items, () =>
        formatTable(
          [
            { title: 'id', value: (item) => item.id },
            { title: 'kind', value: (item) => item.kind },
            { title: 'name', value: (item) => item.name },
            { title: 'was in', value: (item) => formatGroupPath(item.path) },
            { title: 'removed', value: (item) => `${item.removedAt} by ${item.removedBy}` },
          ],
          items,
        ),
      );
    },
  );
  addAction(
    directory
      .command('restore')
      .description('put something removed back')
      .argument('<id>', 'id from `recycle-bin`'),
    async ({ client, printer }, _options, [itemId = '']) => {
      const restored = await (await client()).call(restoreRecycled, { params: { itemId } });
      printer.result(restored, () => `Restored to ${formatGroupPath(restored.path)}.\n`);
    },
  );
}
