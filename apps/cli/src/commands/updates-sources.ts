import { readFile } from 'node:fs/promises';
import {
  type ApiClient,
  changeComponentSource,
  type ComponentSource,
  createComponentSource,
  getComponentSchedule,
  listComponents,
  listComponentSources,
  lookAtComponentSource,
  makeComponentSourceKey,
  removeComponentSource,
  setComponentSchedule,
  trustComponentSource,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction } from '../command-tools.ts';
import { readDuration, readText } from './arguments.ts';
import { confirm } from './confirm.ts';
import { formatRepository, formatRoot, formatSchedule, formatSource, formatSources } from './updates-text.ts';

const WHICH = 'its name, or its id from `updates sources list`';
const MINUTE_MS = 60_000;

/** Where components come from, whose signatures count, and when they are downloaded. */
export function addSourceCommands(updates: Command, addAction: AddAction): void {
  const sources = updates.command('sources').description('where components come from');
  addAction(
    sources.command('list').description('list sources in the order in which they are tried'),
    async ({ client, printer }) => {
      const { sources: rows } = await (await client()).call(listComponentSources, {});
      printer.result(rows, () => formatSources(rows));
    },
  );
  addAction(
    withAccess(
      sources
        .command('add')
        .description('add a source, behind those that there are')
        .argument('<name>', 'for people, e.g. "Publisher"')
        .argument('<address>', 'https://… of a web folder, or an absolute path on the server'),
    ).addHelpText(
      'after',
      '\nExample:\n  holdfast updates sources add Publisher https://updates.example.org/components\n',
    ),
    async ({ client, printer }, options, [name = '', address = '']) => {
      const source = await (await client()).call(createComponentSource, {
        body: {
          name,
          address,
          kind: /^https?:/iu.test(address) ? 'web' : 'folder',
          proxy: null,
          userName: null,
          proxyUserName: null,
          ...(await readAccess(options)),
        },
      });
      printer.result(source, () => formatSource(source));
    },
  );
  addAction(
    withAccess(
      sources
        .command('change')
        .description('change a source; at another address its passwords have to be given again')
        .argument('<source>', WHICH)
        .option('--name <name>', 'another name')
        .option('--address <address>', 'another address or path'),
    ),
    async ({ client, printer }, options, [text = '']) => {
      const api = await client();
      const { id, revision } = await findSource(api, text);
      const name = readText(options, 'name');
      const address = readText(options, 'address');
      const changed = await api.call(changeComponentSource, {
        params: { sourceId: id },
        body: {
          revision,
          ...(name === undefined ? {} : { name }),
          ...(address === undefined ? {} : { address }),
          ...(await readAccess(options)),
        },
      });
      printer.result(changed, () => formatSource(changed));
    },
  );
  addAction(
    sources
      .command('remove')
      .description('remove a source; what came from it stays')
      .argument('<source>', WHICH)
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '']) => {
      const api = await tools.client();
      const { id, name } = await findSource(api, text);
      await confirm(tools, options, [
        `The source "${name}" is removed. What came from it stays, and so does the trust in its publisher.`,
      ]);
      await api.call(removeComponentSource, { params: { sourceId: id } });
      tools.printer.result({ id, state: 'removed' }, () => 'Removed.\n');
    },
  );
  addAction(
    sources
      .command('key')
      .description('the public key with which the server renews a folder; makes one where there is none')
      .argument('<source>', WHICH)
      .addHelpText(
        'after',
        '\nIts publisher names it for the roles snapshot and timestamp with `holdfast components rotate-keys`.\n',
      ),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const source = await findSource(api, text);
      const { id, publicKey } =
        source.publicKey === null
          ? await api.call(makeComponentSourceKey, { params: { sourceId: source.id } })
          : source;
      printer.result({ id, publicKey }, () => `${(publicKey ?? '').trimEnd()}\n`);
    },
  );
  addAction(
    sources
      .command('look')
      .description('show the root that a source offers, with its fingerprint; nothing is trusted by it')
      .argument('<source>', WHICH),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const { id } = await findSource(api, text);
      const root = await api.call(lookAtComponentSource, { params: { sourceId: id } });
      printer.result(root, () => formatRoot(root));
    },
  );
  addAction(
    sources
      .command('trust')
      .description('trust the root that a source offers, if it has this fingerprint; once for a server')
      .argument('<source>', WHICH)
      .requiredOption('--fingerprint <sha256>', 'as its publisher told it by another way')
      .addHelpText(
        'after',
        '\nThe fingerprint comes from paper, by telephone or from another site, and not from `look`.\n',
      ),
    async ({ client, printer }, options, [text = '']) => {
      const api = await client();
      const params = { sourceId: (await findSource(api, text)).id };
      const expected = readFingerprint(readText(options, 'fingerprint') ?? '');
      const { fingerprint } = await api.call(lookAtComponentSource, { params });
      if (fingerprint !== expected)
        throw new CliError(
          'ROOT_FINGERPRINT_MISMATCH',
          `The source offers a root with another fingerprint: ${fingerprint}. Nothing is trusted.`,
          { remedy: 'Ask its publisher which one is right, and do not trust it before you know why.' },
        );
      const repository = await api.call(trustComponentSource, { params, body: { fingerprint } });
      printer.result(repository, () => formatRepository(repository));
    },
  );
  addAction(
    updates
      .command('root')
      .description('whose signatures count, and until when the newest metadata are good'),
    async ({ client, printer }) => {
      const { repository } = await (await client()).call(listComponents, {});
      printer.result(repository, () =>
        repository === null ? 'Nothing is trusted yet.\n' : formatRepository(repository),
      );
    },
  );
  addAction(
    updates
      .command('schedule')
      .description('when components are downloaded without anybody asking; with an option, change it')
      .option('--every <duration>', 'from one to the next, e.g. 1h or 7d')
      .option('--at <HH:MM>', 'time of day, for whole days; empty for none')
      .option('--off', 'nothing is downloaded by itself')
      .option('--on', 'what was turned off goes on')
      .option('--any-time', 'without limits to certain hours')
      .addHelpText('after', '\nExample:\n  holdfast updates schedule --every 1d --at 02:30\n'),
    async ({ client, printer }, options) => {
      const api = await client();
      const { lastAt: _, ...before } = await api.call(getComponentSchedule, {});
      const everyMs = readDuration(options, 'every');
      const at = readText(options, 'at');
      if (options['on'] === true && options['off'] === true)
        throw new CliError('ARGUMENT_INVALID', 'It is either --on or --off.');
      const change = {
        ...(everyMs === undefined ? {} : { everyMinutes: toMinutes(everyMs) }),
        ...(at === undefined ? {} : { startTime: at === '' ? null : at }),
        ...(options['on'] === true ? { isEnabled: true } : {}),
        ...(options['off'] === true ? { isEnabled: false } : {}),
        ...(options['anyTime'] === true ? { hours: null } : {}),
      };
      if (Object.keys(change).length > 0)
        await api.call(setComponentSchedule, { body: { ...before, ...change } });
      const schedule = await api.call(getComponentSchedule, {});
      printer.result(schedule, () => formatSchedule(schedule));
    },
  );
}

function withAccess(command: Command): Command {
  return command
    .option('--user <name>', 'as whom; empty for nobody')
    .option('--password-file <file>', 'file whose first line is the password')
    .option('--proxy <address>', 'http://HOST:PORT; empty for none')
    .option('--proxy-user <name>', 'as whom at the proxy; empty for nobody')
    .option('--proxy-password-file <file>', 'file whose first line is the password at the proxy');
}

/** What was said of how a source is reached. */
async function readAccess(options: Record<string, unknown>) {
  const texts = {
    userName: readText(options, 'user'),
    proxy: readText(options, 'proxy'),
    proxyUserName: readText(options, 'proxyUser'),
  };
  const said = Object.entries(texts).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text === '' ? null : text] as const],
  );
  const password = await readFirstLine(options, 'passwordFile');
  const proxyPassword = await readFirstLine(options, 'proxyPasswordFile');
  return {
    ...(Object.fromEntries(said) as { [Name in keyof typeof texts]?: string | null }),
    ...(password === undefined ? {} : { password }),
    ...(proxyPassword === undefined ? {} : { proxyPassword }),
  };
}

async function readFirstLine(options: Record<string, unknown>, name: string): Promise<string | undefined> {
  const file = readText(options, name);
  if (file === undefined) return undefined;
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/u, 1)[0] ?? '';
  } catch (cause) {
    throw new CliError('INPUT_MISSING', `The file ${file} cannot be read.`, { cause });
  }
}

/** Publishers write them with spaces, colons or capitals. @throws CliError ARGUMENT_INVALID */
function readFingerprint(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/^\s*sha-?256:?/u, '')
    .replaceAll(/[\s:]/gu, '');
  if (/^[0-9a-f]{64}$/u.test(plain)) return plain;
  throw new CliError('ARGUMENT_INVALID', '--fingerprint takes 64 hexadecimal digits.');
}

function toMinutes(ms: number): number {
  if (ms % MINUTE_MS === 0) return ms / MINUTE_MS;
  throw new CliError('ARGUMENT_INVALID', '--every takes whole minutes, such as 90m, 1h or 7d.');
}

/** By id, or by name without regard to case: names are unique that way. @throws CliError SOURCE_UNKNOWN */
async function findSource(client: ApiClient, text: string): Promise<ComponentSource> {
  const { sources } = await client.call(listComponentSources, {});
  const found = sources.find(({ id, name }) => id === text || foldName(name) === foldName(text));
  if (found !== undefined) return found;
  throw new CliError('SOURCE_UNKNOWN', `There is no source "${text}".`, {
    remedy: 'List them with `holdfast updates sources list`.',
  });
}
