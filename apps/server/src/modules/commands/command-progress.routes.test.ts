import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type CommandTarget, issueCommand, listCommandTargets } from '@holdfast/api';
import { type CommandReport, mcpPath, type Progress, type ReportsAnswer } from '@holdfast/protocol';
import { sql } from 'kysely';
import { callApi } from '../../testing/test-api.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

// What products tell of how far they are.

let server: TestServer;
let device: FleetDevice;
let commandId: string;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  server.clock.advance(3_600_000);
  [device] = (await insertFleet(server, { count: 1 })) as [FleetDevice];
  const body = { type: 'collect-inventory', targets: { deviceIds: [device.id] } };
  commandId = (await callApi(server, issueCommand, { body })).id;
  await report({ state: 'accepted' });
});
after(() => server.close());

async function report(
  ...reports: readonly (Partial<CommandReport> & Pick<CommandReport, 'state'>)[]
): Promise<string[]> {
  const payload = { reports: reports.map((one) => ({ commandId, at: server.clock.now(), ...one })) };
  const request = { method: 'POST', url: mcpPath.commandReports, payload } as const;
  const answer = await server.call(request, server.actAsProduct(device.productNumber));
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ReportsAnswer>().outcomes.map((one) => one.outcome);
}

async function tell(progress: Progress): Promise<string> {
  server.clock.advance(1_000);
  return (await report({ state: 'running', progress }))[0] ?? '';
}

async function target(): Promise<CommandTarget> {
  const { targets } = await callApi(server, listCommandTargets, { params: { commandId }, query: {} });
  return targets[0] ?? assert.fail('no target');
}

async function countRows(): Promise<number> {
  const { rows } = await sql`select 1 from command_count_change`.execute(server.database.db);
  return rows.length;
}

test('progress is kept with the target, makes no step and moves no count', async () => {
  assert.equal((await target()).progress, null);
  assert.equal(await tell({ percent: 10, text: 'Reading' }), 'recorded');
  const rowsBefore = await countRows();
  assert.equal(await tell({ percent: 40, text: 'Reading' }), 'recorded');
  assert.equal(await tell({ percent: 40, text: 'Writing' }), 'recorded');
  const at = new Date(server.clock.now()).toISOString();
  const { progress, steps } = await target();
  assert.deepEqual(progress, { percent: 40, text: 'Writing', at });
  assert.deepEqual(
    steps.map((step) => step.state),
    ['queued', 'accepted', 'running'],
  );
  assert.equal(await countRows(), rowsBefore);
});

test('what is behind or older changes nothing, and is no error for the product', async () => {
  await tell({ percent: 40, text: 'Reading' });
  const before = (await target()).progress;
  assert.equal(await tell({ percent: 39, text: 'Back' }), 'already-recorded');
  const older = {
    state: 'running',
    at: server.clock.now() - 60_000,
    progress: { percent: 40, text: 'Old' },
  } as const;
  assert.deepEqual(await report(older), ['already-recorded']);
  assert.deepEqual((await target()).progress, before);
  await report({ state: 'succeeded' });
  assert.deepEqual(await tell({ percent: 90, text: 'Late' }), 'already-recorded');
  assert.deepEqual((await target()).progress, before);
});

test('progress with another state than running says nothing', async () => {
  await report({ state: 'succeeded', progress: { percent: 100 } });
  assert.equal((await target()).progress, null);
});

test('open views hear of it in the next turn, once for all that was told', async () => {
  await tell({ percent: 1 });
  await server.ticks.run('commands.announce');
  const told: CommandTarget[] = [];
  const stop = server.app.platform.live.listen(({ event }) => {
    if (event.type === 'command-target') told.push(event.target);
  });
  for (const percent of [10, 20, 30]) await tell({ percent });
  await server.ticks.run('commands.announce');
  stop();
  assert.deepEqual(
    told.map((one) => one.progress?.percent),
    [30],
  );
});

test('a flood of progress from one product is passed over, and what it comes to is still heard', async () => {
  const tellings = Array.from({ length: 45 }, (_, number) => ({
    state: 'running' as const,
    progress: { percent: number + 1 },
  }));
  const outcomes = await report(...tellings);
  assert.equal(outcomes.length, 45);
  const first = (await target()).progress?.percent ?? 0;
  assert.ok(first > 0 && first < 45, String(first));
  assert.equal((await report({ state: 'running', progress: { percent: 80 } }))[0], 'already-recorded');
  assert.equal((await target()).progress?.percent, first);
  assert.deepEqual(await tell({ percent: 90 }), 'recorded');
  assert.deepEqual(await report({ state: 'succeeded' }), ['recorded']);
});
