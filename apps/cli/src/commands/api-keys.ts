import {
  type ApiKey,
  createApiKey,
  listApiKeys,
  type Permission,
  permissions,
  type ResponseOf,
  revokeApiKey,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../command-tools.ts';
import { readDuration, readText } from './arguments.ts';
import { findGroup } from './lookup.ts';

export function addApiKeyCommands(admin: Command, addAction: AddAction): void {
  addAction(admin.command('api-keys').description('list API keys'), async ({ client, printer }) => {
    const api = await client();
    const apiKeys: ApiKey[] = [];
    let cursor: string | null = null;
    do {
      const page: ResponseOf<typeof listApiKeys> = await api.call(listApiKeys, {
        query: { limit: 500, ...(cursor === null ? {} : { cursor }) },
      });
      apiKeys.push(...page.apiKeys);
      cursor = page.nextCursor;
    } while (cursor !== null);
    printer.result(apiKeys, () =>
      formatTable(
        [
          { title: 'name', value: (row) => row.name },
          { title: 'prefix', value: (row) => row.prefix },
          { title: 'limited to', value: (row) => describeScope(row) },
          { title: 'expires', value: (row) => row.expiresAt ?? 'never' },
          { title: 'last used', value: (row) => row.lastUsedAt ?? 'never' },
          { title: 'made keys', value: (row) => String(row.madeKeyCount), alignment: 'right' },
          { title: 'id', value: (row) => row.id },
        ],
        apiKeys,
      ),
    );
  });
  addAction(
    admin
      .command('create-api-key')
      .description('create an API key; it is shown once')
      .argument('<name>', 'what it is for')
      .requiredOption('--permissions <list>', 'comma list, or `read` for all read permissions')
      .option('--group <group>', 'limit the key to a group')
      .option('--expires <duration>', 'e.g. 90d'),
    async (tools, options, [name = '']) => {
      const client = await tools.client();
      const group = readText(options, 'group');
      const expiresInMs = readDuration(options, 'expires');
      const created = await client.call(createApiKey, {
        body: {
          name,
          permissions: parsePermissions(String(options['permissions'])),
          ...(group === undefined ? {} : { scopeGroupId: (await findGroup(client, group)).id }),
          ...(expiresInMs === undefined ? {} : { expiresInMs }),
        },
      });
      tools.printer.note('This key is shown once.');
      tools.printer.result(created, () => `${created.key}\n`);
    },
  );
  addAction(
    admin
      .command('revoke-api-key')
      .description('revoke an API key at once, with all keys that were made with it')
      .argument('<id>', 'id from `admin api-keys`'),
    async ({ client, printer }, _options, [apiKeyId = '']) => {
      const { revokedCount } = await (await client()).call(revokeApiKey, { params: { apiKeyId } });
      printer.result({ id: apiKeyId, state: 'revoked', revokedCount }, () => formatRevoked(revokedCount - 1));
    },
  );
}

function formatRevoked(madeKeyCount: number): string {
  if (madeKeyCount === 0) return 'Revoked.\n';
  return `Revoked, and with it ${madeKeyCount} ${madeKeyCount === 1 ? 'key that was' : 'keys that were'} made with it.\n`;
}

function parsePermissions(text: string): Permission[] {
  const wanted =
    text === 'read'
      ? permissions.filter((name) => name.endsWith(':read'))
      : text.split(',').map((part) => part.trim());
  const unknown = wanted.filter((name) => !(permissions as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new CliError(
      'ARGUMENT_INVALID',
      `Unknown permissions: ${unknown.join(', ')}. Known: ${permissions.join(', ')}.`,
    );
  }
  return wanted as Permission[];
}

function describeScope({ scopeGroupId, isScopeGone }: ApiKey): string {
  if (scopeGroupId === null) return 'no limit';
  return isScopeGone ? 'a group that is gone' : scopeGroupId;
}
