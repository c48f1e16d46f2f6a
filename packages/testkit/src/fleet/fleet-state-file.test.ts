import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readFleetState, type SavedFleet, writeFleetState } from './fleet-state-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-fleet-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const fleet: SavedFleet = {
  server: 'https://localhost:8443',
  authority: '-----BEGIN CERTIFICATE-----\n',
  fingerprint: 'f',
  secret: Buffer.alloc(32, 7).toString('base64url'),
  products: [
    { index: 0, productNumber: 41, epoch: 0, receipt: 'r0' },
    { index: 2, productNumber: 43, epoch: 9, receipt: 'r2' },
  ],
};

test('a saved fleet is read back as it was, and only its owner can read the file', async () => {
  const path = join(folder, 'fleet.state');
  await writeFleetState(path, fleet);
  assert.deepEqual(await readFleetState(path), fleet);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a file that is not there is no fleet', async () => {
  assert.equal(await readFleetState(join(folder, 'none')), undefined);
});

test('a file that is something else, or cut off, is refused', async () => {
  const path = join(folder, 'damaged');
  const head = JSON.stringify({
    form: 'holdfast-fleet-1',
    server: 's',
    authority: 'a',
    fingerprint: 'f',
    secret: fleet.secret,
  });
  for (const text of [
    '',
    'hello\n',
    '{}\n',
    `${head}\n[1,2,3`,
    `${head}\n[1,-2,3,"r"]\n`,
    head.replace(fleet.secret, 'AAAA'),
  ]) {
    await writeFile(path, text);
    await assert.rejects(readFleetState(path), { code: 'FLEET_STATE_UNREADABLE' }, text);
  }
});
