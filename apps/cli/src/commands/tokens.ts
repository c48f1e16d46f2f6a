import {
  chooseServerAddress,
  createEnrolmentToken,
  type EnrolmentToken,
  formatInstallLine,
  getAgentInstallation,
  listEnrolmentTokens,
  revokeEnrolmentToken,
} from '@holdfast/api';
import type { Command } from 'commander';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { formatTable } from '../output/table.ts';
import { readDuration, readInteger, readServerAddress } from './arguments.ts';
import { addInstallationCommands } from './installation.ts';
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
      .option('--line', 'print the line that installs the agent on a device instead of the token')
      .option('--address <address>', 'address of the server in the line; without it the one in use')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast tokens create "Laptops Berlin" --group Berlin --uses 25 --expires 7d\n  holdfast tokens create "Web server" --uses 1 --line\n',
      ),
    createToken,
  );
  addInstallationCommands(tokens, addAction);
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
  const { client, connection } = await tools.connection();
  const wanted = readServerAddress(options);
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
  const installation = await client.call(getAgentInstallation, {});
  const installLine = formatInstallLine({
    address: wanted ?? chooseServerAddress(created.addresses, connection.server),
    scriptSha256: installation.script.sha256,
    tokenString: created.tokenString,
  });
  const isLine = options['line'] === true;
  tools.printer.note(
    isLine
      ? 'This line is shown once. Type it on each device, in a shell of its administrator; it installs the agent and joins:'
      : 'This string is shown once. `holdfast tokens line` makes of it the line that installs the agent on a device.\nWhere the agent is there already:\n  holdfast agent enroll -\nand paste it:',
  );
  tools.printer.result({ ...created, installLine }, () => `${isLine ? installLine : created.tokenString}\n`);
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
