import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createFolderSource, createUpdateClient, fetchTarget } from '../client/index.ts';
import { type Disk, readFileIfThere } from '../disk.ts';
import { createMemoryStore } from '../testing/test-metadata.ts';
import { createMortalDisk, Killed } from '../testing/test-disk.ts';
import {
  allKeys,
  describeComponent,
  makeFolder,
  makeRepository,
  makeSuffix,
  newKeys,
  onlineKeys,
  rolesOf,
  type TestKeys,
  testTimeMs,
} from '../testing/test-repository.ts';
import { createRepository, type Repository } from './repository.ts';
import { verifyRepository } from './repository-check.ts';

// Invariant: whoever reads the folder sees a whole state, at whatever step its publisher is killed; and the publisher goes on from
// there.

interface Scene {
  readonly home: string;
  readonly keys: TestKeys;
  readonly next: TestKeys;
  readonly file: string;
}

interface Change {
  readonly name: string;
  readonly run: (repository: Repository, scene: Scene) => Promise<unknown>;
  /** Again after the cut, where what was cut is not simply done again. */
  readonly repair?: (repository: Repository, scene: Scene) => Promise<unknown>;
  /** The newest release and root afterwards. */
  readonly release: number;
  readonly root: number;
}

const publish = async (repository: Repository, { file, keys }: Scene) =>
  await repository.publish({
    area: 'components',
    component: describeComponent('rules'),
    release: 3,
    version: '3',
    isUrgent: false,
    file,
    makeIncrement: makeSuffix,
    keys: allKeys(keys),
  });

const rotate = async (repository: Repository, { keys, next }: Scene) =>
  await repository.rotateKeys({ roles: rolesOf(next).roles, keys: [...allKeys(keys), ...allKeys(next)] });

const rotateLost = async (repository: Repository, { keys, next }: Scene) => {
  const { snapshot, timestamp } = rolesOf(next).roles;
  // The old online keys are gone: nobody can sign a way from them to the new ones.
  return await repository.rotateKeys({
    roles: { snapshot, timestamp },
    keys: [...keys.root, ...onlineKeys(next)],
  });
};

/** Does it again, or finds that it is done. */
const unless =
  (code: string, run: Change['run']): Change['run'] =>
  async (repository, scene) =>
    await run(repository, scene).catch((error: unknown) => {
      if ((error as { code?: string }).code !== code) throw error;
    });

const changes: readonly Change[] = [
  { name: 'publish', run: publish, repair: unless('RELEASE_NOT_NEWER', publish), release: 3, root: 1 },
  {
    name: 'refresh',
    run: async (repository, { keys }) => await repository.refresh(onlineKeys(keys)),
    release: 2,
    root: 1,
  },
  {
    name: 'publish without the offline keys',
    run: async (repository, scene) =>
      await publish(repository, { ...scene, keys: { ...scene.keys, targets: [] } }),
    repair: async (repository, scene) =>
      await publish(repository, scene).catch(async () => await repository.sign(allKeys(scene.keys))),
    release: 3,
    root: 1,
  },
  {
    name: 'rotate all keys',
    run: rotate,
    repair: async (repository, { keys, next }) =>
      await repository.refresh([...onlineKeys(keys), ...onlineKeys(next)]),
    release: 2,
    root: 2,
  },
];

async function prepare(t: TestContext) {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one\n');
  await made.publish('rules', 2, 'one\ntwo\n');
  const home = await makeFolder(t);
  const file = path.join(home, 'file');
  await writeFile(file, 'one\ntwo\nthree\n');
  const scene: Scene = { home, keys: made.keys, next: newKeys(), file };
  let copies = 0;
  return {
    scene,
    first: await readFileIfThere(path.join(made.folder, 'metadata', '1.root.json'), 512 * 1024),
    copy: async () => {
      const folder = path.join(home, `repository-${copies++}`);
      await cp(made.folder, folder, { recursive: true });
      return folder;
    },
  };
}

const clock = { now: (): number => testTimeMs };
const open = (folder: string, disk?: Disk): Repository =>
  createRepository({ folder, clock, ...(disk === undefined ? {} : { disk }) });

/** A client that has seen nothing, or what `store` holds, reads the folder and fetches what is newest. */
async function read(folder: string, first: Uint8Array | undefined, store = createMemoryStore()) {
  if (first !== undefined && !store.files.has('root.json')) store.files.set('root.json', first);
  const source = createFolderSource(folder);
  const signal = AbortSignal.timeout(60_000);
  const { components, versions } = await createUpdateClient({ store, source, clock }).refresh(signal);
  const newest = components.get('rules')?.newest;
  assert.ok(newest);
  const into = path.join(folder, '..', `fetched-${path.basename(folder)}-${newest.release}`);
  for (const target of [newest.full, ...newest.increments])
    await fetchTarget({ target, sources: [source], into: `${into}-${target.length}`, signal });
  return { release: newest.release, root: versions.root };
}

for (const { name, run, repair = run, release, root } of changes) {
  test(`${name}: killed at each step, a reader sees the state before or after, and the next call goes on`, async (t) => {
    const { scene, first, copy } = await prepare(t);
    const whole = createMortalDisk(Number.POSITIVE_INFINITY, 'before');
    await run(open(await copy(), whole), scene);
    assert.ok(whole.steps() >= 3);
    for (let fatal = 1; fatal <= whole.steps(); fatal += 1) {
      const folder = await copy();
      const old = createMemoryStore();
      await read(folder, first, old);
      await assert.rejects(run(open(folder, createMortalDisk(fatal, 'within')), scene), Killed);
      const at = `step ${fatal}`;
      const fresh = await read(folder, first);
      assert.deepEqual(await read(folder, first, old), fresh, at);
      assert.ok([2, release].includes(fresh.release) && [1, root].includes(fresh.root), at);
      const found = await verifyRepository(folder, testTimeMs);
      assert.deepEqual(
        found.filter(({ severity }) => severity === 'damaged'),
        [],
        at,
      );

      await repair(open(folder), scene);
      if (fresh.root < root)
        await open(folder)
          .sign(allKeys(scene.next))
          .catch(() => undefined);
      const after = await read(folder, first, old);
      assert.equal(after.release, release, at);
      await open(folder).refresh([...onlineKeys(scene.keys), ...onlineKeys(scene.next)]);
      assert.deepEqual(
        (await verifyRepository(folder, testTimeMs)).filter(({ kind }) => kind !== 'waiting'),
        [],
        at,
      );
    }
  });
}

test('with the old online keys lost, a cut leaves readers waiting at most until the next call', async (t) => {
  const { scene, first, copy } = await prepare(t);
  const whole = createMortalDisk(Number.POSITIVE_INFINITY, 'before');
  await rotateLost(open(await copy(), whole), scene);
  let cutInBetween = 0;
  for (let fatal = 1; fatal <= whole.steps(); fatal += 1) {
    const folder = await copy();
    const old = createMemoryStore();
    await read(folder, first, old);
    await assert.rejects(rotateLost(open(folder, createMortalDisk(fatal, 'within')), scene), Killed);
    await read(folder, first).catch((error: unknown) => {
      assert.equal((error as { code?: string }).code, 'METADATA_UNSIGNED');
      cutInBetween += 1;
    });
    const keys = [...scene.keys.root, ...onlineKeys(scene.next)];
    await open(folder)
      .sign(keys)
      .catch(async (error: unknown) => {
        assert.equal((error as { code?: string }).code, 'DRAFT_NOT_FOUND');
        await rotateLost(open(folder), scene);
      });
    assert.equal((await read(folder, first, old)).release, 2);
  }
  assert.ok(cutInBetween > 0);
});

test('a first publication that is cut is simply made again', async (t) => {
  const home = await makeFolder(t);
  const keys = newKeys();
  const create = async (folder: string, disk?: Disk) =>
    await open(folder, disk).create({ ...rolesOf(keys), keys: allKeys(keys) });
  const whole = createMortalDisk(Number.POSITIVE_INFINITY, 'before');
  await create(path.join(home, 'whole'), whole);
  for (let fatal = 1; fatal <= whole.steps(); fatal += 1) {
    const folder = path.join(home, `cut-${fatal}`);
    await mkdir(folder);
    await assert.rejects(create(folder, createMortalDisk(fatal, 'within')), Killed);
    await create(folder).catch((error: unknown) =>
      assert.equal((error as { code?: string }).code, 'REPOSITORY_EXISTS'),
    );
    await open(folder).refresh(onlineKeys(keys));
    assert.deepEqual(await verifyRepository(folder, testTimeMs), []);
  }
});
