import {
  createGroup,
  listGroups,
  moveGroup,
  planGroupMove,
  planGroupRemoval,
  removeGroup,
  renameGroup,
} from '@holdfast/api';
import type { Command } from 'commander';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../command-tools.ts';
import { confirm } from './confirm.ts';
import { countBelow } from './group-list.ts';
import { findGroup, formatGroupPath, pickParent, splitGroupPath } from './lookup.ts';

export function addGroupCommands(directory: Command, addAction: AddAction): void {
  addAction(directory.command('groups').description('list groups'), async ({ client, printer }) => {
    const { groups: unsorted } = await (await client()).call(listGroups, {});
    const groups = countBelow(unsorted);
    printer.result(groups, () =>
      formatTable(
        [
          {
            title: 'group',
            value: (group) => (group.path.length === 0 ? `/ (${group.name})` : formatGroupPath(group.path)),
          },
          { title: 'devices', value: (group) => String(group.deviceCount), alignment: 'right' },
          {
            title: 'with subgroups',
            value: (group) => String(group.deviceCountWithSubgroups),
            alignment: 'right',
          },
          { title: 'id', value: (group) => group.id },
        ],
        groups,
      ),
    );
  });
  addAction(
    directory
      .command('create-group')
      .description('create a group')
      .argument('<path>', 'e.g. Berlin/Sales; the parent must exist'),
    async (tools, _options, [path = '']) => {
      const client = await tools.client();
      const { parentPath, name } = splitGroupPath(path);
      const { groups } = await client.call(listGroups, {});
      const parent = pickParent(groups, parentPath);
      const group = await client.call(createGroup, {
        body: { parentId: parent.id, name },
      });
      tools.printer.result(group, () => `Created ${formatGroupPath(group.path)}.\n`);
    },
  );
  addAction(
    directory
      .command('rename-group')
      .description('rename a group')
      .argument('<group>', 'path or id')
      .argument('<name>', 'new name'),
    async (tools, _options, [text = '', name = '']) => {
      const client = await tools.client();
      const { id, revision } = await findGroup(client, text);
      const group = await client.call(renameGroup, { params: { groupId: id }, body: { name, revision } });
      tools.printer.result(group, () => `It is now ${formatGroupPath(group.path)}.\n`);
    },
  );
  addAction(
    directory
      .command('move-group')
      .description('move a group with all that is in it')
      .argument('<group>', 'path or id')
      .argument('<parent>', 'path or id')
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '', parentText = '']) => {
      const client = await tools.client();
      const [group, parent] = [await findGroup(client, text), await findGroup(client, parentText)];
      const plan = await client.call(planGroupMove, {
        params: { groupId: group.id },
        body: { parentId: parent.id },
      });
      await confirm(tools, options, plan.consequences);
      const moved = await client.call(moveGroup, {
        params: { groupId: group.id },
        body: { parentId: parent.id, planToken: plan.planToken },
      });
      tools.printer.result(moved, () => `It is now ${formatGroupPath(moved.path)}.\n`);
    },
  );
  addAction(
    directory
      .command('remove-group')
      .description('move a group with all that is in it to the recycle bin')
      .argument('<group>', 'path or id')
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '']) => {
      const client = await tools.client();
      const group = await findGroup(client, text);
      const plan = await client.call(planGroupRemoval, { params: { groupId: group.id } });
      await confirm(tools, options, plan.consequences);
      const item = await client.call(removeGroup, {
        params: { groupId: group.id },
        body: { planToken: plan.planToken },
      });
      tools.printer.result(item, () => `Removed. Undo: holdfast directory restore ${item.id}\n`);
    },
  );
}
