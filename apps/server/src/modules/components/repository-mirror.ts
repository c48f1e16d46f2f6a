import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SignedFile } from '@holdfast/components';
import {
  createFolderStore,
  createUpdateClient,
  fetchTarget,
  type FileSource,
  type MetadataStore,
  type TrustedCatalogue,
} from '@holdfast/components/client';
import { AppError, type Clock } from '@holdfast/kernel';
import type { ComponentFolders } from './component-folders.ts';

export interface MirrorOptions {
  readonly folders: ComponentFolders;
  /** What an administrator has trusted; used until something newer was verified. */
  readonly firstRoot: Uint8Array;
  /** In the order in which they are tried. */
  readonly sources: readonly FileSource[];
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MirrorProgress) => void;
}

export interface MirrorProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly sourceName: string;
}

export interface MirrorOutcome {
  readonly catalogue: TrustedCatalogue;
  /** Where the metadata came from. */
  readonly sourceName: string;
  readonly receivedBytes: number;
}

/**
 * Brings the repository that devices are served to the state of a source: metadata are verified as a device would, every file that
 * they vouch for is fetched and verified, and only then the new metadata take the place of the old ones. Interrupted anywhere it
 * leaves a repository that is whole, and goes on where it was. Files that neither the new nor the last metadata name are removed.
 *
 * @throws AppError of the last source, when none can be used
 */
export async function mirrorRepository(options: MirrorOptions): Promise<MirrorOutcome> {
  const { folders, sources, signal, onProgress } = options;
  const store = await openStore(options);
  const { catalogue, source } = await refreshFromAny(options, store);
  const files = listFiles(catalogue);
  const missing: SignedFile[] = [];
  for (const file of files) if (!(await isThere(folders.repository, file))) missing.push(file);
  const totalBytes = missing.reduce((sum, { length }) => sum + length, 0);
  // Whoever vouches for the files goes first, and others may have them as well.
  const ordered = [source, ...sources.filter((other) => other !== source)];
  let receivedBytes = 0;
  let doneBytes = 0;
  const tell = (bytes: number, sourceName: string): void =>
    onProgress({ doneBytes: doneBytes + bytes, totalBytes, sourceName });
  tell(0, source.name);
  for (const file of missing) {
    const into = path.join(folders.incoming, file.sha256);
    const fetched = await fetchTarget({
      target: file,
      sources: ordered,
      into,
      signal,
      onProgress: (progress) => tell(progress.bytes, progress.source),
    });
    await bringIn(into, placeOf(folders.repository, file));
    receivedBytes += fetched.receivedBytes;
    doneBytes += file.length;
  }
  const published = await publish(folders, store, catalogue);
  await prune(folders, [...published, ...files.map(targetPathOf)]);
  return { catalogue, sourceName: source.name, receivedBytes };
}

/** A store that keeps every root that it has seen: a device that was away for long follows them one by one. */
async function openStore({ folders, firstRoot }: MirrorOptions): Promise<MetadataStore> {
  const store = createFolderStore(folders.client);
  const roots = path.join(folders.client, 'roots');
  await mkdir(roots, { recursive: true, mode: 0o700 });
  const keepRoot = async (bytes: Uint8Array): Promise<void> =>
    await replaceFile(path.join(roots, `${versionOf(bytes)}.root.json`), bytes);
  if ((await store.read('root.json')) === undefined) {
    await keepRoot(firstRoot);
    await store.write('root.json', firstRoot);
  }
  return {
    read: async (name) => await store.read(name),
    remove: async (name) => await store.remove(name),
    async write(name, bytes) {
      if (name === 'root.json') await keepRoot(bytes);
      await store.write(name, bytes);
    },
  };
}

async function refreshFromAny(
  { sources, clock, signal }: MirrorOptions,
  store: MetadataStore,
): Promise<{ readonly catalogue: TrustedCatalogue; readonly source: FileSource }> {
  let failure: unknown = new TypeError('a source is wanted');
  for (const source of sources) {
    try {
      const catalogue = await createUpdateClient({ store, source, clock }).refresh(signal);
      return { catalogue, source };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function listFiles({ components }: TrustedCatalogue): SignedFile[] {
  return [...components.values()].flatMap(({ releases }) =>
    releases.flatMap(({ full, increments }) => [full, ...increments]),
  );
}

/** Where a repository with consistent snapshots has a file: under its digest. */
function targetPathOf({ path: target, sha256 }: SignedFile): string {
  const folder = target.slice(0, target.lastIndexOf('/') + 1);
  return `targets/${folder}${sha256}.${target.slice(folder.length)}`;
}

function placeOf(repository: string, file: SignedFile): string {
  return path.join(repository, ...targetPathOf(file).split('/'));
}

/** A file gets its name when it has been verified, and is named by its digest: its length tells whether it is there. */
async function isThere(repository: string, file: SignedFile): Promise<boolean> {
  return await stat(placeOf(repository, file)).then(
    (found) => found.isFile() && found.size === file.length,
    () => false,
  );
}

/** In the order in which nothing that is named is missing: the timestamp, by which a reader begins, comes last. */
async function publish(
  { client, repository }: ComponentFolders,
  store: MetadataStore,
  { versions }: TrustedCatalogue,
): Promise<string[]> {
  const metadata = path.join(repository, 'metadata');
  await mkdir(metadata, { recursive: true, mode: 0o700 });
  const published: string[] = [];
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    await replaceFile(path.join(metadata, name), bytes);
    published.push(`metadata/${name}`);
  };
  for (const name of await readdir(path.join(client, 'roots')))
    if (/^\d+\.root\.json$/.test(name)) await put(name, await readFile(path.join(client, 'roots', name)));
  const feeds = await store.read('feeds.json');
  if (feeds !== undefined) await put(`${versionOf(feeds)}.feeds.json`, feeds);
  await put(`${versions.targets}.targets.json`, await required(store, 'targets.json'));
  await put(`${versions.snapshot}.snapshot.json`, await required(store, 'snapshot.json'));
  await put('timestamp.json', await required(store, 'timestamp.json'));
  return published;
}

async function required(store: MetadataStore, name: string): Promise<Uint8Array> {
  const bytes = await store.read(name);
  if (bytes === undefined) throw new Error(`${name} was verified and is gone`);
  return bytes;
}

/** Of metadata that have been verified. */
function versionOf(bytes: Uint8Array): number {
  const { signed } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { signed: { version: number } };
  return signed.version;
}

/** Whoever began to read before the change still finds what it was told of. */
async function prune(
  { client, repository, incoming }: ComponentFolders,
  current: readonly string[],
): Promise<void> {
  const list = path.join(client, 'served.json');
  const before = await readFile(list, 'utf8').then(
    (text) => JSON.parse(text) as string[],
    () => [],
  );
  const kept = new Set([...current, ...before]);
  // All that was wanted has come: what is left of an earlier download is wanted no more.
  await rm(incoming, { recursive: true, force: true });
  for (const entry of await readdir(repository, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(repository, file).split(path.sep).join('/');
    if (!kept.has(relative)) await rm(file, { force: true });
  }
  await replaceFile(list, Buffer.from(JSON.stringify(current)));
}

/** Invariant: at every instant the file is whole, old or new. */
async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const draft = `${file}.partial`;
  await writeFile(draft, bytes, { mode: 0o600, flush: true });
  await rename(draft, file);
  await syncFolderOf(file);
}

/** A verified file gets its place among those that are served; both lie on one disk. */
async function bringIn(verified: string, place: string): Promise<void> {
  await mkdir(path.dirname(place), { recursive: true });
  await rename(verified, place);
  await syncFolderOf(place);
}

async function syncFolderOf(file: string): Promise<void> {
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
