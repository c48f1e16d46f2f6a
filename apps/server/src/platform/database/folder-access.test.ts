import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import type { PostgresBinaries } from './binaries.ts';
import { findBarrier, prepareHome } from './folder-access.ts';
import { findNpmBinaries, linkNpmLibraries } from './npm-binaries.ts';
import { listCopiedBinaryFolders, requireReachableBinaries } from './reachable-binaries.ts';
import { findSystemUser, requireSystemUser, type SystemUser } from './system-user.ts';

const needsRoot = { skip: process.getuid?.() !== 0 && 'needs root' };

let parent: string;
let user: SystemUser;
before(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'holdfast-access-'));
  await chmod(parent, 0o755);
  user = (await findSystemUser('nobody')) ?? { name: 'nobody', uid: 65534, gid: 65534 };
});
after(() => rm(parent, { recursive: true, force: true }));

describe('the way to the database folder', needsRoot, () => {
  test('a home that only root could enter is opened for passing through', async () => {
    const home = path.join(parent, 'closed-home');
    await mkdir(home, { mode: 0o700 });
    await prepareHome(home, user);
    assert.equal((await stat(home)).mode & 0o777, 0o711);
  });

  test('a parent that the account cannot enter is named in the refusal', async () => {
    const barrier = path.join(parent, 'private');
    await mkdir(barrier, { mode: 0o700 });
    await assert.rejects(prepareHome(path.join(barrier, 'home'), user), (error: Error) => {
      assert.ok(hasCode(error, 'DATABASE_FOLDER_NOT_REACHABLE'));
      assert.match(error.message, /nobody.*private"/);
      return true;
    });
  });

  test('the modes of owner, group and others each decide for whom they are meant', async () => {
    const folder = path.join(parent, 'modes');
    await mkdir(folder);
    await chmod(folder, 0o710);
    assert.equal(await findBarrier(folder, user), folder);
    assert.equal(await findBarrier(folder, { ...user, gid: (await stat(folder)).gid }), undefined);
    await chmod(folder, 0o711);
    assert.equal(await findBarrier(folder, user), undefined);
  });
});

describe('packaged programs in a folder that only root can enter', needsRoot, () => {
  test('are copied into the home once, and run from there', async (context) => {
    const npm = await findNpmBinaries();
    if (npm === undefined) return context.skip('PostgreSQL is not installed by npm');
    await linkNpmLibraries(npm.packageFolder);
    const { cp } = await import('node:fs/promises');
    const clone = path.join(parent, 'clone');
    await mkdir(clone, { mode: 0o700 });
    // Without the links: the copy must make its own.
    await cp(path.join(npm.packageFolder, 'native'), path.join(clone, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !/\.so\.\d+$/.test(source) || !/libicu/.test(source),
    });
    const home = path.join(parent, 'home');
    await mkdir(home, { mode: 0o711 });
    const binaries: PostgresBinaries = {
      folder: path.join(clone, 'native/bin'),
      major: 18,
      version: npm.version,
      origin: 'npm',
      npm: { packageFolder: clone, version: npm.version, isComplete: true },
    };
    const first = await requireReachableBinaries(binaries, home, user);
    assert.equal(first.folder, path.join(home, `postgresql-${npm.version}`, 'native/bin'));
    const madeAt = (await stat(first.folder)).ctimeMs;
    const second = await requireReachableBinaries(binaries, home, user);
    assert.equal((await stat(second.folder)).ctimeMs, madeAt);
    assert.deepEqual(await readdir(home), [`postgresql-${npm.version}`]);
    assert.deepEqual(await listCopiedBinaryFolders(home), [first.folder]);
  });

  test('are refused with a remedy when they are not ours to copy', async () => {
    const folder = path.join(parent, 'not-ours');
    await mkdir(folder, { mode: 0o700 });
    await assert.rejects(
      requireReachableBinaries({ folder, major: 15, version: '15.0', origin: 'configured' }, parent, user),
      (error) => hasCode(error, 'DATABASE_FOLDER_NOT_REACHABLE'),
    );
  });
});

describe('the account of the database', needsRoot, () => {
  test('a configured name that does not exist is refused and not created', async () => {
    await assert.rejects(requireSystemUser('holdfast-no-such-user'), (error) =>
      hasCode(error, 'DATABASE_SYSTEM_USER_MISSING'),
    );
    assert.equal(await findSystemUser('holdfast-no-such-user'), undefined);
  });

  test('root itself and names that look like options are refused', async () => {
    for (const name of ['root', '-u', '--help', 'a b', '']) {
      await assert.rejects(requireSystemUser(name), (error) =>
        hasCode(error, 'DATABASE_SYSTEM_USER_MISSING'),
      );
    }
  });
});
