import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { chooseBinaries, listBinaries, type PostgresBinaries } from './binaries.ts';

const system15: PostgresBinaries = { folder: '/s/15/bin', major: 15, version: '15.18', origin: 'system' };
const system17: PostgresBinaries = { folder: '/s/17/bin', major: 17, version: '17.2', origin: 'system' };
const npm18: PostgresBinaries = {
  folder: '/n/native/bin',
  major: 18,
  version: '18.4.0',
  origin: 'npm',
  npm: { packageFolder: '/n', version: '18.4.0', isComplete: true },
};
const bareNpm18: PostgresBinaries = {
  ...npm18,
  npm: { packageFolder: '/n', version: '18.4.0', isComplete: false },
};

let parent: string;
before(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'holdfast-binaries-'));
  for (const [name, version] of [
    ['14', '14.9'],
    ['15', '15.18 (Debian 15.18-0+deb12u1)'],
    ['17', '17beta1'],
    ['9.6', '9.6.1'],
  ]) {
    await makeProgram(path.join(parent, 'system', String(name), 'bin'), String(version));
  }
  await mkdir(path.join(parent, 'system', '16', 'bin'), { recursive: true });
});
after(() => rm(parent, { recursive: true, force: true }));

async function makeProgram(folder: string, version: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['postgres', 'initdb']) {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`);
    await chmod(file, 0o755);
  }
}

test('versions of the system are found from the newest to the oldest that will do, empty folders are not', async () => {
  const found = await listBinaries({
    systemFolder: path.join(parent, 'system'),
    findNpm: async () => undefined,
  });
  assert.deepEqual(
    found.map(({ major, version, origin }) => ({ major, version, origin })),
    [
      { major: 17, version: '17beta1', origin: 'system' },
      { major: 15, version: '15.18', origin: 'system' },
    ],
  );
});

test('the configured folder comes first, and one without PostgreSQL is refused', async () => {
  const configuredFolder = path.join(parent, 'system/15/bin');
  const found = await listBinaries({
    configuredFolder,
    systemFolder: '/nowhere',
    findNpm: async () => undefined,
  });
  assert.equal(found[0]?.origin, 'configured');
  for (const folder of [parent, path.join(parent, 'system/14/bin'), '/nowhere']) {
    await assert.rejects(
      listBinaries({ configuredFolder: folder, findNpm: async () => undefined }),
      (error) => hasCode(error, 'DATABASE_BINARIES_MISSING'),
    );
  }
});

test('a new cluster takes the first, an existing one takes its own version wherever it is', () => {
  assert.equal(chooseBinaries([system15, npm18], undefined), system15);
  assert.equal(chooseBinaries([system15, npm18], 18), npm18);
  assert.equal(chooseBinaries([bareNpm18, system15], undefined), system15);
});

for (const [candidates, clusterMajor, code] of [
  [[], undefined, 'DATABASE_BINARIES_MISSING'],
  [[], 15, 'DATABASE_BINARIES_MISSING'],
  [[bareNpm18], undefined, 'DATABASE_BINARIES_INCOMPLETE'],
  [[system15, bareNpm18], 18, 'DATABASE_BINARIES_INCOMPLETE'],
  [[system15, npm18], 19, 'DATABASE_VERSION_NEWER'],
  [[system15, npm18], 17, 'DATABASE_VERSION_MISMATCH'],
  [[system17], 15, 'DATABASE_VERSION_MISMATCH'],
] as const) {
  const names = candidates.map((one) => one.version).join(' and ') || 'nothing';
  test(`${names} for a cluster of ${clusterMajor ?? 'none yet'} is refused with ${code} and a remedy`, () => {
    assert.throws(
      () => chooseBinaries(candidates, clusterMajor),
      (error: Error & { remedy?: string }) => hasCode(error, code) && error.remedy !== undefined,
    );
  });
}
