import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { McpProblem, type ProductFacts } from '@holdfast/protocol';
import { startFakeMcpServer } from '@holdfast/testkit';
import { openStateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { createKeyRenewal } from './key-renewal.ts';
import { getOrCreateProductKey, nextKeyPathOf } from './product-key-file.ts';
import { createRegistrationStore } from './registration.store.ts';
import { stateVersion } from '../../state-version.ts';

const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion: 1, udp: true, commands: [] },
};
const shared = new McpProblem('Shared.', { code: 'PRODUCT_KEY_SHARED', status: 409 });

test('a computer whose key is shared says so, and its next key is on disk before anything knows of it', async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const folder = createTemporaryFolder(t);
  const privateKeyPath = join(folder, 'key');
  const database = openStateDatabase(join(folder, 'state.sqlite'), stateVersion);
  t.after(() => database.close());
  const key = getOrCreateProductKey(privateKeyPath);
  createRegistrationStore(database).save({
    addresses: [server.address],
    fingerprint: server.fingerprint,
    authorityCertificate: server.authority,
    keyThumbprint: key.thumbprint,
    registeredAt: 1,
    product: {
      productNumber: 1,
      deviceId: 'device',
      groupId: 'group',
      groupPath: [],
      receipt: 'receipt',
      epoch: 1,
    },
  });
  const recorded: string[] = [];
  const events = {
    record: (type: string) => {
      recorded.push(type);
      assert.ok(database.connection.isTransaction, 'it is kept with the note, or neither is');
      assert.ok(existsSync(nextKeyPathOf(privateKeyPath)), 'a backup that has the note has the key');
    },
  };
  const open = () =>
    createKeyRenewal({ database, privateKeyPath, key, clock: systemClock, log: createSilentLog(), events });
  const attempt = async (): Promise<void> => {
    await assert.rejects(open().shakeHands(facts, () => Promise.reject(shared)));
  };
  await attempt();
  assert.deepEqual(recorded, ['key-shared']);
  assert.notEqual(createStateNotes(database).find('key-shared'), undefined);
  const next = readFileSync(nextKeyPathOf(privateKeyPath), 'utf8');
  await attempt();
  assert.deepEqual(recorded, ['key-shared'], 'once');
  assert.equal(readFileSync(nextKeyPathOf(privateKeyPath), 'utf8'), next, 'it asks again under the same key');
});
