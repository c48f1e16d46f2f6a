import {
  createEnrolmentToken,
  type EnrolmentToken,
  listEnrolmentTokens,
  revokeEnrolmentToken,
} from '@holdfast/api';
import type { Command } from 'commander';
import type { CommandTools } from '../command-tools.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../program.ts';
import { readDuration, readInteger } from './arguments.ts';
import { findGroup, formatGroupPath } from './lookup.ts';

export function addTokenCommands(program: Command, addAction: AddAction): void {
  const tokens = program.command('tokens').description('enrolment tokens, with which devices join');
  addAction(tokens.command('list').description('list enrolment tokens'), async ({ client, printer }) => {
    const { tokens: rows } = await (await client()).call(listEnrolmentTokens, {});
    printer.result(rows, () => formatTokens(rows));
  });
  addAction(
    tokens
      .command('create')
      .description('create an enrolment token; it is shown once')
      .argument('<name>', 'what it is for, e.g. "Laptops Berlin"')
      .option('--group <group>', 'group that the devices join', '/')
      .option('--uses <n>', 'how many devices may join; without it, any number')
      .option('--expires <duration>', 'e.g. 24h or 7d', '7d')
      .option('--approval', 'each device waits until an administrator admits it')
      .addHelpText(
        'after',
        '\nExample:\n  holdfast tokens create "Laptops Berlin" --group Berlin --uses 25 --expires 7d\n',
      ),
    createToken,
  );
  addAction(
    tokens
      .command('revoke')
      .description('revoke a token; devices that joined with it stay')
      .argument('<id>', 'id from `tokens list`'),
    async ({ client, printer }, _options, [tokenId = '']) => {
      await (await client()).call(revokeEnrolmentToken, { params: { tokenId } });
      printer.result({ id: tokenId, state: 'revoked' }, () => 'Revoked.\n');
    },
  );
}

async function createToken(
  tools: CommandTools,
  options: Record<string, unknown>,
  [name = '']: readonly string[],
): Promise<void> {
  const client = await tools.client();
  const group = await findGroup(client, String(options['group']));
  const created = await client.call(createEnrolmentToken, {
    body: {
      name,
      groupId: group.id,
      maxUses: readInteger(options, 'uses') ?? null,
      expiresInMs: readDuration(options, 'expires') ?? 0,
      isApprovalNeeded: options['approval'] === true,
    },
  });
  tools.printer.note('This string is shown once. On each device:\n  holdfast agent enroll -\nand paste it:');
  tools.printer.result(created, () => `${created.tokenString}\n`);
}

function formatTokens(rows: readonly EnrolmentToken[]): string {
  return formatTable(
    [
      { title: 'id', value: (row) => row.id },
      { title: 'name', value: (row) => row.name },
      { title: 'group', value: (row) => formatGroupPath(row.groupPath) },
      { title: 'uses', value: (row) => `${row.uses}/${row.maxUses ?? '∞'}`, alignment: 'right' },
      { title: 'state', value: (row) => row.state },
      { title: 'expires', value: (row) => row.expiresAt },
    ],
    rows,
  );
}
