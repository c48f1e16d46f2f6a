import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { SetupFault } from './fault.mjs';
import { createPlace } from './place.mjs';
import {
  bringRuntime,
  chooseRuntime,
  isRuntimeReady,
  isSuitableNode,
  pinned,
  verifyIntegrity,
} from './runtime.mjs';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-runtime-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('every pinned runtime has a sha512 checksum of full length', () => {
  for (const { integrity } of Object.values(pinned.platforms)) {
    assert.match(integrity, /^sha512-/);
    assert.equal(Buffer.from(integrity.slice(7), 'base64').length, 64);
  }
});

test('a download that does not match its checksum is refused', async () => {
  const file = join(folder, 'runtime.tgz');
  writeFileSync(file, 'the runtime');
  const right = `sha512-${createHash('sha512').update('the runtime').digest('base64')}`;
  await verifyIntegrity(file, right);
  writeFileSync(file, 'the runtimE');
  await assert.rejects(verifyIntegrity(file, right), (error) => {
    assert.ok(error instanceof SetupFault);
    assert.match(error.message, /does not match its pinned checksum/);
    return true;
  });
  await assert.rejects(verifyIntegrity(file, 'sha512-'), SetupFault);
});

test('only the versions that Holdfast is built for are suitable', () => {
  for (const version of ['24.15.0', '24.21.0', '25.0.0', '26.13.1', 'v24.21.0'])
    assert.ok(isSuitableNode(version), version);
  for (const version of ['20.20.2', '22.23.0', '24.14.9', '27.0.0', ''])
    assert.ok(!isSuitableNode(version), version);
});

test('a platform without a pinned runtime gets a remedy', () => {
  assert.throws(
    () => chooseRuntime(pinned, { env: {}, platform: 'plan9-mips' }),
    (error) => error instanceof SetupFault && /HOLDFAST_USE_THIS_NODE/.test(error.remedy),
  );
});

test('HOLDFAST_USE_THIS_NODE refuses a Node that is too old', () => {
  const env = { HOLDFAST_USE_THIS_NODE: '1' };
  assert.throws(() => chooseRuntime(pinned, { env, version: '20.20.2' }), SetupFault);
  assert.equal(
    chooseRuntime(pinned, { env, version: '24.21.0', execPath: '/usr/bin/node' }).kind,
    'this-node',
  );
});

test('another runtime is swapped in whole, and nothing is left beside it', async () => {
  const place = createPlace(join(folder, 'clone'));
  mkdirSync(join(place.runtimePackage, 'bin'), { recursive: true });
  writeFileSync(join(place.runtimePackage, 'of-the-old-one'), '');
  mkdirSync(join(place.runtime, 'incoming-1'));
  const env = { HOLDFAST_USE_THIS_NODE: '1' };
  const choice = chooseRuntime(pinned, { env, version: '24.21.0', execPath: process.execPath });
  assert.equal(isRuntimeReady(place, choice), false);
  await bringRuntime(place, choice);
  assert.equal(isRuntimeReady(place, choice), true);
  assert.equal(readlinkSync(place.node), process.execPath);
  assert.equal(existsSync(join(place.runtimePackage, 'of-the-old-one')), false);
  assert.deepEqual(readdirSync(place.runtime), ['package']);
  assert.equal(isRuntimeReady(place, { ...choice, stamp: 'another' }), false);
});
