import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { planDeviceAdmission, setDeviceAdmission } from '@holdfast/api';
import { sql } from 'kysely';
import { callApi } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RecordAuditEntry } from '../../platform/audit/audit.ts';
import { DeviceChangeService } from './device-changes.service.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function isWaitingForLock(): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(server.database.db);
  return (rows[0]?.count ?? 0) > 0;
}

test('disabling devices locks their products first, as a handshake does', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  assert.ok(device);
  const body = { deviceIds: [device.id], state: 'disabled' as const };
  const { planToken } = await callApi(server, planDeviceAdmission, { body });
  let change: Promise<unknown> = Promise.resolve();
  await inTransaction(server.database.db, async (handshake) => {
    await sql`select 1 from managed_product where number = ${device.productNumber} for update`.execute(
      handshake,
    );
    change = callApi(server, setDeviceAdmission, { body: { ...body, planToken } });
    const deadline = Date.now() + 20_000;
    while (!(await isWaitingForLock())) assert.ok(Date.now() < deadline, 'the change waits for the product');
    // It would fail at once if the change held the device while it waits for the product.
    await sql`select 1 from device where id = ${device.id} for update nowait`.execute(handshake);
  });
  await change;
});

test('a change of many devices records once, after everything else that it writes', async () => {
  const fleet = await insertFleet(server, { count: 50 });
  const deviceIds = fleet.map((device) => device.id);
  const calls: number[] = [];
  const recordAuditEntry: RecordAuditEntry = async (transaction, _actor, record) => {
    calls.push([record].flat().length);
    // Whatever is written afterwards would make everybody else who records wait for it.
    await sql`set transaction read only`.execute(transaction);
  };
  const service = new DeviceChangeService({
    platform: {
      database: server.database.db,
      clock: server.clock,
      events: server.app.platform.events,
      createId: () => crypto.randomUUID(),
      recordAuditEntry,
      recordEvents: server.app.platform.recordEvents,
    },
    presence: { setDisabled: () => {} },
  });
  const actor = { kind: 'system', name: 'test' } as const;
  const caller = { actor, request: { id: 'test', remoteAddress: '127.0.0.1', userAgent: '' } };
  const admission = { deviceIds, state: 'disabled' } as const;
  const { planToken } = await service.planAdmission(actor, admission);
  await service.setAdmission(caller, { ...admission, planToken });
  const removal = await service.planRemoval(actor, { deviceIds });
  const items = await service.removeDevices(caller, { deviceIds, planToken: removal.planToken });
  assert.equal(items.length, 50);
  assert.deepEqual(calls, [50, 50]);
});
