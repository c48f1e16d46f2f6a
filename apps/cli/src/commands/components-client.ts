import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from '@holdfast/components';
import {
  createFolderSource,
  createFolderStore,
  createUpdateClient,
  createWebSource,
  describeOfferedRoot,
  fetchTarget,
  type FileSource,
  type TrustedCatalogue,
  type UpdateClient,
} from '@holdfast/components/client';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { formatTable } from '../output/table.ts';
import { readText, readTexts } from './arguments.ts';

/** Metadata that somebody put there; far more than a root has. */
const MAX_ROOT_BYTES = 512 * 1024;

export async function initialise(
  { printer }: CommandTools,
  options: Record<string, unknown>,
  [file = '']: readonly string[],
): Promise<void> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CliError('ARGUMENT_INVALID', `${file} cannot be read.`, { cause: error });
  });
  if (bytes.length > MAX_ROOT_BYTES)
    throw new CliError('ARGUMENT_INVALID', `${file} is too large to be a root.`);
  const { version, roles } = describeOfferedRoot(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const store = createFolderStore(requireOption(options, 'metadataDir'));
  if ((await store.read('root.json')) !== undefined)
    throw new CliError('ARGUMENT_INVALID', 'This folder has a root of trust already.');
  await store.write('root.json', bytes);
  printer.result({ version, sha256, roles }, () => `Trusting root ${version}, whose SHA-256 is ${sha256}.\n`);
}

export async function refresh(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const catalogue = await withSignal(
    tools,
    async (signal) => await createClient(tools, options).refresh(signal),
  );
  tools.printer.result(toJson(catalogue), () => formatCatalogue(catalogue));
}

export async function download(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const names = readTexts(options, 'targetName');
  if (names.length === 0)
    throw new CliError('ARGUMENT_INVALID', 'Name what is to be fetched, with --target-name.');
  const folder = requireOption(options, 'targetDir');
  const source = createSource('targets', requireOption(options, 'targetBaseUrl'));
  const client = createClient(tools, options);
  const progress = createProgress(tools.context);
  const files: { name: string; file: string; receivedBytes: number }[] = [];
  try {
    await withSignal(tools, async (signal) => {
      await client.refresh(signal);
      for (const name of names) {
        const found = await client.findTarget(name, signal);
        if (found === undefined)
          throw new ComponentError('TARGET_UNKNOWN', `No role of the repository vouches for ${name}.`);
        // One name for each target, whatever stands in its path.
        const into = path.join(folder, encodeURIComponent(name));
        const { length, hashes } = found.file;
        const { receivedBytes } = await fetchTarget({
          target: { path: name, length, ...hashes },
          location: found.location,
          sources: [source],
          into,
          signal,
          onProgress: ({ bytes }) => progress.update(bytes, length, name),
        });
        files.push({ name, file: into, receivedBytes });
      }
    });
  } finally {
    progress.end();
  }
  tools.printer.result(files, () => files.map(({ file }) => `${file}\n`).join(''));
}

function createClient({ context }: CommandTools, options: Record<string, unknown>): UpdateClient {
  return createUpdateClient({
    store: createFolderStore(requireOption(options, 'metadataDir')),
    source: createSource('metadata', requireOption(options, 'metadataUrl')),
    clock: { now: context.now },
  });
}

/** A web address or a folder that holds one part of a repository; the client asks for paths of all of it. */
function createSource(part: 'metadata' | 'targets', address: string): FileSource {
  const isWeb = /^https?:\/\//.test(address);
  if (isWeb && !URL.canParse(address)) throw new CliError('ARGUMENT_INVALID', `"${address}" is no address.`);
  const source = isWeb ? createWebSource({ url: address }) : createFolderSource(address);
  return {
    name: source.name,
    open: async (file, options) => await source.open(file.slice(part.length + 1), options),
  };
}

async function withSignal<Value>(
  { context }: CommandTools,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const forget = context.onInterrupt?.(() =>
    controller.abort(new CliError('COMMAND_NOT_SUCCESSFUL', 'Ended. What has come so far is kept.')),
  );
  try {
    return await work(controller.signal);
  } finally {
    forget?.();
  }
}

function requireOption(options: Record<string, unknown>, name: string): string {
  const text = readText(options, name);
  if (text !== undefined && text !== '') return text;
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new CliError('ARGUMENT_INVALID', `--${flag} is missing.`);
}

function toJson({ components, refused, versions, expiresAtMs }: TrustedCatalogue): unknown {
  return {
    versions,
    expiresAt: new Date(expiresAtMs).toISOString(),
    components: [...components.values()].map(({ newest }) => newest),
    refused,
  };
}

function formatCatalogue({ components, versions, expiresAtMs, refused }: TrustedCatalogue): string {
  const table = formatTable(
    [
      { title: 'component', value: ({ newest }) => newest.component.id },
      { title: 'release', value: ({ newest }) => String(newest.release), alignment: 'right' },
      { title: 'version', value: ({ newest }) => newest.version },
    ],
    [...components.values()],
  );
  const { root, timestamp, snapshot, targets } = versions;
  const lines = refused.map(({ path: name, reason }) => `Refused: ${name}: ${reason}\n`);
  return `Verified: root ${root}, timestamp ${timestamp}, snapshot ${snapshot}, targets ${targets}; until ${new Date(expiresAtMs).toISOString()}.\n${table}${lines.join('')}`;
}
