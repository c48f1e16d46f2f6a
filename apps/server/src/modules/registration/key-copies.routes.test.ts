import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  admitRegistration,
  getDevice,
  listAuditEntries,
  listDevices,
  listWaitingRegistrations,
  refuseRegistration,
} from '@holdfast/api';
import { mcpPath, type RegisteredAnswer } from '@holdfast/protocol';
import { AssertionPurpose } from '@holdfast/trust';
import type { LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import { callApi } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const codeOf = (answer: LightMyRequestResponse): string => answer.json<{ code: string }>().code;

/** A product that has joined, and another computer with its key; each remembers its own instance. */
async function createPair(hardware: { readonly own?: string; readonly copied?: string } = {}) {
  const { own, copied } = hardware;
  const original = new TestProduct(server, {
    name: 'Original',
    ...(own === undefined ? {} : { hardwareId: own }),
  });
  await original.join(await createTestToken(server));
  const copy = new TestProduct(server, {
    key: original.key,
    name: 'Second',
    ...(copied === undefined ? {} : { hardwareId: copied }),
  });
  copy.registered = original.registered;
  const instances = new Map([
    [original, randomUUID()],
    [copy, randomUUID()],
  ]);
  const shake = async (product: TestProduct) => {
    server.clock.advance(1_000);
    return await product.shakeHands({ instance: instances.get(product) ?? '' });
  };
  const restart = (product: TestProduct) => instances.set(product, randomUUID());
  const deviceId = original.registered?.deviceId ?? '';
  const findDevice = async () => (await callApi(server, getDevice, { params: { deviceId } })).device;
  return { original, copy, shake, restart, deviceId, findDevice };
}

/** What a copy does after it was refused: a new key, and the old receipt. */
async function askAnew(copy: TestProduct) {
  const anew = new TestProduct(server, {
    name: 'Second',
    hardwareId: copy.facts.device.hardwareId ?? 'none',
  });
  const { device } = copy.facts;
  const ask = async (receipt = copy.registered?.receipt ?? '') => {
    const answer = await anew.prove(AssertionPurpose.registration, mcpPath.registrations, {
      receipt,
      ...anew.facts,
      device,
    });
    if (answer.statusCode < 202) anew.registered = answer.json<RegisteredAnswer>();
    return answer;
  };
  return { anew, ask };
}

async function waitingOf(product: TestProduct) {
  const { registrations } = await callApi(server, listWaitingRegistrations);
  return registrations.find((waiting) => waiting.keyThumbprint === product.key.thumbprint);
}

test('a product that restarts again and again is never taken for two', async () => {
  const { original, shake, restart, findDevice } = await createPair({ own: 'hw-restart' });
  for (let round = 0; round < 12; round += 1) {
    assert.equal((await shake(original)).statusCode, 200);
    assert.equal((await shake(original)).statusCode, 200);
    restart(original);
  }
  assert.deepEqual((await findDevice()).keyCopies, []);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from product_instance where product_number = ${original.productNumber}`.execute(
    server.database.db,
  );
  assert.equal(rows[0]?.count, 4, 'only the last few are remembered');
});

test('the copy of a disk is refused as soon as its original comes back, and the administrator reads of both', async () => {
  const { original, copy, shake, deviceId, findDevice } = await createPair({ own: 'hw-a', copied: 'hw-b' });
  assert.equal((await shake(original)).statusCode, 200);
  assert.equal((await shake(copy)).statusCode, 200, 'nothing tells it from a restart yet');
  assert.equal((await shake(original)).statusCode, 200);
  // The copy's epoch is void: its heartbeat is answered "handshake again", and that is refused.
  assert.equal((await copy.heartbeat()).rawPayload.readUInt16BE(2), 2);
  const refused = await shake(copy);
  assert.equal(refused.statusCode, 409);
  assert.equal(codeOf(refused), 'PRODUCT_KEY_SHARED');
  assert.equal((await shake(original)).statusCode, 200);

  const { keyCopies, name } = await findDevice();
  assert.equal(name, 'Original');
  assert.deepEqual(
    keyCopies.map((it) => [it.name, it.isWaiting]),
    [['Second', false]],
  );
  const { devices } = await callApi(server, listDevices, { query: { search: 'Original' } });
  assert.equal(devices.find((device) => device.id === deviceId)?.keyCopies.length, 1);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: deviceId } });
  const shared = entries.filter((entry) => entry.action === 'product.key-shared');
  assert.equal(shared.length, 1, 'told once');
  assert.deepEqual(
    [shared[0]?.details['keptName'], shared[0]?.details['refusedName']],
    ['Original', 'Second'],
  );
});

test('a copy that is started anew is known by its hardware', async () => {
  const { original, copy, shake, restart } = await createPair({ own: 'hw-c', copied: 'hw-d' });
  for (const product of [original, copy, original]) await shake(product);
  restart(copy);
  assert.equal(codeOf(await shake(copy)), 'PRODUCT_KEY_SHARED');
  restart(copy);
  assert.equal(codeOf(await shake(copy)), 'PRODUCT_KEY_SHARED');
  restart(original);
  assert.equal((await shake(original)).statusCode, 200);
});

test('without hardware ids the one that came later is refused', async () => {
  const { original, copy, shake } = await createPair();
  for (const product of [original, copy]) assert.equal((await shake(product)).statusCode, 200);
  assert.equal((await shake(original)).statusCode, 200);
  assert.equal(codeOf(await shake(copy)), 'PRODUCT_KEY_SHARED');
  assert.equal((await shake(original)).statusCode, 200);
});

test('a copy with a new key waits in the group of its original, is admitted by one click, and has its own record', async () => {
  const { original, copy, shake, deviceId, findDevice } = await createPair({ own: 'hw-e', copied: 'hw-f' });
  for (const product of [original, copy, original]) await shake(product);
  await shake(copy);
  const { anew, ask } = await askAnew(copy);
  const waits = await ask();
  assert.equal(waits.statusCode, 202, waits.body);
  assert.equal((await ask()).statusCode, 202);
  const waiting = await waitingOf(anew);
  assert.equal(waiting?.kind, 'copied');
  assert.deepEqual(waiting.copyOf, { deviceId, name: 'Original' });
  assert.deepEqual([waiting.groupPath, waiting.productNumber], [['New devices'], null]);
  assert.equal((await findDevice()).keyCopies[0]?.isWaiting, true);

  await callApi(server, admitRegistration, { params: { registrationId: waiting.id }, body: {} });
  assert.equal((await ask()).statusCode, 200);
  assert.notEqual(anew.registered?.productNumber, original.productNumber);
  assert.notEqual(anew.registered?.deviceId, deviceId);
  assert.equal((await anew.shakeHands({ instance: randomUUID() })).statusCode, 200);
  assert.equal((await shake(original)).statusCode, 200);
  assert.deepEqual((await findDevice()).keyCopies, [], 'settled');
  // With the old key it is refused as before, and shown again.
  assert.equal(codeOf(await shake(copy)), 'PRODUCT_KEY_SHARED');
});

test('a copy that an administrator refused is told so', async () => {
  const { copy } = await createPair({ own: 'hw-g' });
  const { anew, ask } = await askAnew(copy);
  await ask();
  const waiting = await waitingOf(anew);
  await callApi(server, refuseRegistration, { params: { registrationId: waiting?.id ?? '' } });
  assert.equal(codeOf(await ask()), 'REGISTRATION_REFUSED');
});

test('a receipt that this server did not seal admits nobody, and one receipt only so many', async () => {
  const { copy } = await createPair();
  const { ask } = await askAnew(copy);
  assert.equal(codeOf(await ask('AAAA')), 'RECEIPT_INVALID');
  await ask();
  await sql`
    insert into waiting_registration (id, kind, state, key_thumbprint, public_jwk, request, receipt, remote_address,
      first_seen_at, last_seen_at)
    select gen_random_uuid(), kind, state, lpad(n::text, 43, '0'), public_jwk, request, receipt, remote_address,
      first_seen_at, last_seen_at
    from waiting_registration, generate_series(1, 49) n where kind = 'copied'
      and (receipt ->> 'productNumber')::bigint = ${copy.productNumber}`.execute(server.database.db);
  const { ask: askMore } = await askAnew(copy);
  assert.equal(codeOf(await askMore()), 'WAITING_LIST_FULL');
});

test('a renamed computer keeps its record and shows the new name', async () => {
  const { original, shake, findDevice } = await createPair({ own: 'hw-name' });
  const { device } = original.facts;
  await shake(original);
  assert.equal((await original.shakeHands({ device: { ...device, name: 'Renamed' } })).statusCode, 200);
  assert.equal(original.handshake?.deviceId, original.registered?.deviceId);
  assert.equal((await findDevice()).name, 'Renamed');
});

test('a computer with new hardware and the old key keeps its record, and after a day the record knows the new hardware', async () => {
  const { original, copy: repaired, shake, deviceId } = await createPair({ own: 'hw-old', copied: 'hw-new' });
  await shake(original);
  assert.equal((await shake(repaired)).statusCode, 200);
  assert.equal(repaired.handshake?.deviceId, deviceId);
  const hardwareOf = async () => {
    const { rows } = await sql<{ hardware_id: string }>`
      select hardware_id from device where id = ${deviceId}`.execute(server.database.db);
    return rows[0]?.hardware_id;
  };
  assert.equal(await hardwareOf(), 'hw-old');
  server.clock.advance(86_400_000);
  assert.equal((await shake(repaired)).statusCode, 200);
  assert.equal(await hardwareOf(), 'hw-new');
  // From now on the old hardware is the foreign one.
  assert.equal(codeOf(await shake(original)), 'PRODUCT_KEY_SHARED');
});
