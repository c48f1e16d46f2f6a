import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import {
  createFolderSource,
  createFolderStore,
  createUpdateClient,
  type FileSource,
  type MetadataStore,
  type TrustedCatalogue,
  type UpdateClient,
} from '../client/index.ts';
import type { ComponentDescription } from '../component.ts';
import type { Disk } from '../disk.ts';
import {
  createRepository,
  generateSigningKey,
  type Repository,
  type SigningKey,
  toSigningKey,
} from '../repository/index.ts';

/** A folder that is gone after the test. */
export async function makeFolder(test: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-components-'));
  test.after(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

export function newKey(): SigningKey {
  return toSigningKey(generateSigningKey());
}

/** Keys for a repository whose offline roles have two of three. */
export function newKeys() {
  const many = (count: number): SigningKey[] => Array.from({ length: count }, newKey);
  return { root: many(3), targets: many(3), snapshot: many(1), timestamp: many(1), feeds: many(1) };
}

export type TestKeys = ReturnType<typeof newKeys>;

export function settingOf(keys: readonly SigningKey[], threshold: number) {
  return { keys: keys.map(({ publicKey }) => publicKey), threshold };
}

export function onlineKeys({ snapshot, timestamp, feeds }: TestKeys): SigningKey[] {
  return [...snapshot, ...timestamp, ...feeds];
}

export function allKeys(keys: TestKeys): SigningKey[] {
  return [...keys.root, ...keys.targets, ...onlineKeys(keys)];
}

/** 2026-12-01. */
export const testTimeMs = Date.UTC(2026, 11, 1);

export interface TestRepository {
  readonly folder: string;
  readonly keys: TestKeys;
  readonly clock: { nowMs: number; now(): number };
  readonly repository: Repository;
  /** Publishes a release with this content, with all keys at hand. */
  publish(id: string, release: number, content: string | Uint8Array, more?: PublishMore): Promise<void>;
}

export interface PublishMore {
  readonly area?: 'components' | 'feeds';
  readonly isUrgent?: boolean;
  readonly kind?: ComponentDescription['kind'];
  readonly keys?: readonly SigningKey[];
}

export function describeComponent(
  id: string,
  kind: ComponentDescription['kind'] = 'pattern',
): ComponentDescription {
  return { id, kind, title: `The ${id}`, platforms: ['any'], handler: 'plain-file', dependencies: [] };
}

/** A created repository in a folder of its own. */
export async function makeRepository(
  test: Pick<TestContext, 'after'>,
  { disk, keys = newKeys(), hasFeeds = true }: { disk?: Disk; keys?: TestKeys; hasFeeds?: boolean } = {},
): Promise<TestRepository> {
  const home = await makeFolder(test);
  const folder = path.join(home, 'repository');
  const clock = {
    nowMs: testTimeMs,
    now: (): number => clock.nowMs,
  };
  const repository = createRepository({ folder, clock, ...(disk === undefined ? {} : { disk }) });
  await repository.create({ ...rolesOf(keys, hasFeeds), keys: allKeys(keys) });
  let files = 0;
  return {
    folder,
    keys,
    clock,
    repository,
    async publish(
      id,
      release,
      content,
      { area = 'components', isUrgent = false, kind = 'pattern', keys: some } = {},
    ) {
      files += 1;
      const file = path.join(home, `new-${files}`);
      await writeFile(file, content);
      await repository.publish({
        area,
        component: describeComponent(id, kind),
        release,
        version: `${release}.0`,
        isUrgent,
        file,
        makeIncrement: makeSuffix,
        keys: some ?? allKeys(keys),
      });
    },
  };
}

export function rolesOf(keys: TestKeys, hasFeeds = true) {
  return {
    roles: {
      root: settingOf(keys.root, 2),
      targets: settingOf(keys.targets, 2),
      snapshot: settingOf(keys.snapshot, 1),
      timestamp: settingOf(keys.timestamp, 1),
    },
    feeds: hasFeeds ? settingOf(keys.feeds, 1) : undefined,
  };
}

/** The simplest true encoding: what was appended. Longer than the full file where nothing was. */
export async function makeSuffix({
  oldFile,
  newFile,
  into,
}: {
  oldFile: string;
  newFile: string;
  into: string;
}): Promise<{ encoding: string; length: number }> {
  const [old, now] = await Promise.all([readFile(oldFile), readFile(newFile)]);
  const bytes = now.subarray(0, old.length).equals(old)
    ? now.subarray(old.length)
    : Buffer.concat([now, old]);
  await writeFile(into, bytes);
  return { encoding: 'suffix', length: bytes.length };
}

/** A client that trusts the first root of the repository and reads its folder. */
export async function makeClient(
  test: Pick<TestContext, 'after'>,
  { folder, clock }: TestRepository,
  source: FileSource = createFolderSource(folder),
): Promise<{
  readonly home: string;
  readonly store: MetadataStore;
  refresh(): Promise<TrustedCatalogue>;
  readonly client: UpdateClient;
}> {
  const home = await makeFolder(test);
  const store = createFolderStore(home);
  await store.write('root.json', await readFile(path.join(folder, 'metadata', '1.root.json')));
  const client = createUpdateClient({ store, source, clock });
  return { home, store, client, refresh: async () => await client.refresh(AbortSignal.timeout(20_000)) };
}
