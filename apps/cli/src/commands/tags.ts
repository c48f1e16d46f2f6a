import {
  type ApiClient,
  changeTag,
  createTag,
  listTags,
  planTagRemoval,
  removeTag,
  restoreTag,
  type Tag,
  tagColours,
  tagKeyOf,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../command-tools.ts';
import { readChoice, readText } from './arguments.ts';
import { confirm } from './confirm.ts';

/** Tags themselves; which devices have them: `directory tag`. */
export function addTagCommands(program: Command, addAction: AddAction): void {
  const tags = program.command('tags').description('short names that mark devices');
  addAction(
    tags.command('list').description('list tags, with how many devices have them'),
    async ({ client, printer }) => {
      const { tags: rows } = await (await client()).call(listTags, {});
      printer.result(rows, () => formatTags(rows));
    },
  );
  addAction(
    withLook(tags.command('create').description('create a tag'))
      .argument('<name>', 'letters, digits, - _ . and :')
      .addHelpText(
        'after',
        '\nExample:\n  holdfast tags create kiosk --colour teal --description "In the halls"\n',
      ),
    async ({ client, printer }, options, [name = '']) => {
      const tag = await (await client()).call(createTag, { body: { name, ...readLook(options) } });
      printer.result(tag, () => `Created ${tag.name}.\n`);
    },
  );
  addAction(
    tags
      .command('rename')
      .description('give a tag another name, on all devices that have it')
      .argument('<tag>', 'its name')
      .argument('<name>', 'new name'),
    async ({ client, printer }, _options, [text = '', name = '']) => {
      const api = await client();
      const { id, revision } = await findTag(api, text);
      const tag = await api.call(changeTag, { params: { tagId: id }, body: { name, revision } });
      printer.result(tag, () => `It is now ${tag.name}.\n`);
    },
  );
  addAction(
    withLook(tags.command('change').description('describe a tag, or give it another colour')).argument(
      '<tag>',
      'its name',
    ),
    async ({ client, printer }, options, [text = '']) => {
      const look = readLook(options);
      if (Object.keys(look).length === 0) {
        throw new CliError('ARGUMENT_INVALID', 'Say what to change: --description or --colour.');
      }
      const api = await client();
      const { id, revision } = await findTag(api, text);
      const tag = await api.call(changeTag, { params: { tagId: id }, body: { ...look, revision } });
      printer.result(tag, () => `Changed ${tag.name}.\n`);
    },
  );
  addAction(
    tags
      .command('remove')
      .description('remove a tag from all devices; for a day it can be restored')
      .argument('<tag>', 'its name')
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '']) => {
      const client = await tools.client();
      const tag = await findTag(client, text);
      const params = { tagId: tag.id };
      const { planToken, consequences } = await client.call(planTagRemoval, { params });
      await confirm(tools, options, consequences);
      await client.call(removeTag, { params, body: { planToken } });
      tools.printer.result(tag, () => `Removed ${tag.name}. Undo: holdfast tags restore ${tag.id}\n`);
    },
  );
  addAction(
    tags
      .command('restore')
      .description('take the removal of a tag back')
      .argument('<id>', 'as `tags remove` said'),
    async ({ client, printer }, _options, [tagId = '']) => {
      const tag = await (await client()).call(restoreTag, { params: { tagId } });
      printer.result(tag, () => `Restored ${tag.name}.\n`);
    },
  );
}

function withLook(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .option('--colour <colour>', tagColours.join(', '));
}

function readLook(options: Record<string, unknown>) {
  const description = readText(options, 'description');
  const colour = readChoice(options, 'colour', tagColours);
  return {
    ...(description === undefined ? {} : { description }),
    ...(colour === undefined ? {} : { colour }),
  };
}

/** @throws CliError TAG_UNKNOWN */
async function findTag(client: ApiClient, text: string): Promise<Tag> {
  const { tags } = await client.call(listTags, {});
  const tag = tags.find(({ id, name }) => id === text || tagKeyOf(name) === tagKeyOf(text));
  if (tag !== undefined) return tag;
  throw new CliError('TAG_UNKNOWN', `There is no tag "${text}".`, {
    remedy: 'List them with `holdfast tags list`.',
  });
}

function formatTags(rows: readonly Tag[]): string {
  return formatTable(
    [
      { title: 'name', value: (tag) => tag.name },
      { title: 'devices', value: (tag) => String(tag.deviceCount), alignment: 'right' },
      { title: 'colour', value: (tag) => tag.colour },
      { title: 'description', value: (tag) => tag.description },
      { title: 'created', value: (tag) => `${tag.createdAt} by ${tag.createdBy}` },
    ],
    rows,
  );
}
