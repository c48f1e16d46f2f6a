import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getDevice, listDevices } from '@holdfast/api';
import { type InventoryAnswer, mcpPath } from '@holdfast/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { callApi } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const facts = {
  hostName: 'pc-1',
  system: { name: 'Debian GNU/Linux 12 (bookworm)', version: '12' },
  disks: [{ name: 'sda', sizeBytes: 1_000, encryption: 'encrypted' }],
  interfaces: [{ name: 'eth0', addresses: ['10.20.30.40'] }],
};

function put(
  product: TestProduct,
  content: unknown = facts,
  collectedAt?: number,
): Promise<LightMyRequestResponse> {
  return server.call(
    {
      method: 'PUT',
      url: mcpPath.inventory,
      payload: { collectedAt: collectedAt ?? server.clock.now(), facts: content } as object,
    },
    product.bearer,
  );
}

const join = async (more: ConstructorParameters<typeof TestProduct>[1] = {}): Promise<TestProduct> =>
  await new TestProduct(server, more).join(await createTestToken(server));

test('facts are stored once, shown, and searched', async () => {
  const product = await join({ name: 'pc-1' });
  server.clock.advance(1_000);
  const first = await put(product);
  assert.equal(first.statusCode, 200, first.body);
  assert.equal(first.json<InventoryAnswer>().changed, true);
  const again = (await put(product)).json<InventoryAnswer>();
  assert.equal(again.changed, false);
  assert.equal(again.digest, first.json<InventoryAnswer>().digest);
  const { device, inventory } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.deepEqual(inventory?.facts, facts);
  assert.equal(device.system, 'Debian GNU/Linux 12 (bookworm)');
  assert.equal(device.isEncrypted, true);
  assert.equal(device.address, '10.20.30.40', 'its calls come from a loopback address, so its own counts');
  assert.equal(device.presence.reason, 'inventory');
  for (const search of ['bookworm', '10.20.30']) {
    const { devices } = await callApi(server, listDevices, { query: { search } });
    assert.deepEqual(
      devices.map((it) => it.id),
      [device.id],
    );
  }
});

test('a later inventory replaces the earlier one as a whole', async () => {
  const product = await join();
  await put(product);
  await put(product, { disks: [{ name: 'sda', sizeBytes: 1, encryption: 'not-encrypted' }] });
  const { device, inventory } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.equal(device.isEncrypted, false);
  assert.equal(inventory?.facts.hostName, undefined);
});

test('a computer that is renamed is known by its new name with its next inventory, and only by its own', async () => {
  const product = await join({ name: 'before' });
  const nameOf = async (): Promise<string> =>
    (await callApi(server, getDevice, { params: { deviceId: product.registered?.deviceId ?? '' } })).device
      .name;
  await put(product, { hostName: 'before' });
  assert.equal(await nameOf(), 'before');
  await put(product, { hostName: 'after' });
  assert.equal(await nameOf(), 'after');
  await put(product, { hostName: '\u200b' });
  assert.equal(await nameOf(), 'after');
  // A product whose name is not that of its system keeps it.
  const other = await join({ name: 'Reception' });
  const otherName = async (): Promise<string> =>
    (await callApi(server, getDevice, { params: { deviceId: other.registered?.deviceId ?? '' } })).device
      .name;
  await put(other, { hostName: 'pc-1' });
  await put(other, { hostName: 'pc-2' });
  assert.equal(await otherName(), 'Reception');
});

test('a product that shares a device does not speak for it', async () => {
  const agent = await join({ hardwareId: 'hw-9' });
  const scanner = await join({ hardwareId: 'hw-9', kind: 'scanner' });
  assert.equal(scanner.registered?.deviceId, agent.registered?.deviceId);
  const refused = await put(scanner);
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.json<{ code: string }>().code, 'INVENTORY_NOT_ACCEPTED');
});

test('hostile facts are cut to what the contract knows, or refused', async () => {
  const product = await join();
  const odd = await put(product, { hostName: '\u001b[31m', disks: [{ nothing: 1 }], constructor: 'x' });
  assert.equal(odd.statusCode, 200, odd.body);
  assert.equal((await put(product, 'text')).statusCode, 400);
  assert.equal((await put(product, facts, Number.MAX_SAFE_INTEGER)).statusCode, 400);
  assert.equal((await put(product, { hostName: 'x'.repeat(300_000) })).statusCode, 413);
  assert.equal((await put(new TestProduct(server))).statusCode, 401);
});
