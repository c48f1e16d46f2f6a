import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { type CommandReport, formRefusals, limits, McpProblem } from '@holdfast/protocol';
import fc from 'fast-check';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createOutbox, type Outbox, type OutboxBounds } from './outbox.service.ts';
import { uploadReports } from './report-upload.ts';

interface Bench {
  readonly database: StateDatabase;
  readonly outbox: Outbox;
  readonly codes: readonly string[];
  append(report: CommandReport): void;
}

function setUp(t: TestContext, bounds?: OutboxBounds): Bench {
  const database = createTestDatabase(t);
  const log = createSilentLog();
  const outbox = createOutbox({
    database,
    clock: systemClock,
    log,
    isProgressWanted: () => true,
    ...(bounds === undefined ? {} : { bounds }),
  });
  return {
    database,
    outbox,
    codes: log.codes,
    append: (report) => database.transaction(() => outbox.appendReport(report)),
  };
}

const idOf = (n: number) => `01a20141-c5a5-7000-8000-${n.toString(16).padStart(12, '0')}`;
const report = (n: number, state: CommandReport['state'], detail = ''): CommandReport => ({
  commandId: idOf(n),
  state,
  at: 1,
  detail,
});

test('reports come out in the order in which they went in, and stay until they are removed', (t) => {
  const { outbox, append } = setUp(t);
  for (let n = 0; n < 5; n++) append(report(n, 'succeeded'));
  const batch = outbox.nextBatch();
  assert.deepEqual(
    batch.map((entry) => entry.report.commandId),
    [0, 1, 2, 3, 4].map(idOf),
  );
  assert.equal(outbox.nextBatch().length, 5);
  outbox.settle(batch.slice(0, 2), () => undefined);
  assert.deepEqual(
    outbox.nextBatch().map((entry) => entry.report.commandId),
    [2, 3, 4].map(idOf),
  );
});

test('the same report of the same command is kept once', (t) => {
  const { outbox, append } = setUp(t);
  append(report(1, 'running'));
  append(report(1, 'running'));
  append(report(1, 'succeeded'));
  assert.equal(outbox.measure().count, 2);
});

test('a report of a transaction that fails is not kept', (t) => {
  const { database, outbox } = setUp(t);
  assert.throws(() =>
    database.transaction(() => {
      outbox.appendReport(report(1, 'succeeded'));
      throw new Error('no');
    }),
  );
  assert.equal(outbox.measure().count, 0);
});

test('a batch fits one call, by count and by size', (t) => {
  const { outbox, append } = setUp(t);
  for (let n = 0; n < 60; n++) append(report(n, 'succeeded'));
  assert.equal(outbox.nextBatch().length, limits.maxReportsPerCall);
  const large = setUp(t);
  for (let n = 0; n < 20; n++) {
    large.append({ ...report(n, 'succeeded'), result: { text: 'x'.repeat(60_000) } });
  }
  const bytes = large.outbox.nextBatch().reduce((sum, entry) => sum + entry.bytes, 0);
  assert.ok(bytes > 0 && bytes <= limits.maxReportsBodyBytes);
});

test('when it is full progress goes first, what must arrive stays, and it is told', (t) => {
  const { outbox, append, codes } = setUp(t, { maxCount: 10, maxBytes: 1_000_000 });
  for (let n = 0; n < 8; n++) append(report(n, n % 2 === 0 ? 'running' : 'succeeded'));
  for (let n = 100; n < 106; n++) append(report(n, 'succeeded'));
  const states = outbox.nextBatch().map((entry) => entry.report.state);
  assert.deepEqual([...new Set(states)], ['succeeded']);
  assert.equal(states.length, 10);
  assert.equal(outbox.findLoss()?.droppedCount, 4);
  assert.ok(codes.includes('OUTBOX_FULL'));
});

test('results are never dropped; instead there is no room for another command', (t) => {
  const { outbox, append } = setUp(t, { maxCount: 9, maxBytes: 100_000_000 });
  assert.equal(outbox.countRoomForCommands(), 3);
  for (let n = 0; n < 9; n++) append(report(n, 'succeeded'));
  assert.equal(outbox.countRoomForCommands(), 0);
  append(report(99, 'failed'));
  assert.equal(outbox.measure().count, 10);
  assert.equal(outbox.findLoss(), undefined);
});

test('whatever is appended, count and bytes stay within bounds and no result is missing', (t) => {
  const bounds: OutboxBounds = { maxCount: 30, maxBytes: 4_000 };
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 60 }), (entries) => {
      const { outbox, append, database } = setUp(t, bounds);
      append(report(9_999, 'succeeded'));
      for (const [n, size] of entries.entries()) {
        append(report(n, 'running', 'x'.repeat(size)));
        const { count, bytes } = outbox.measure();
        assert.ok(count <= bounds.maxCount && bytes <= bounds.maxBytes, `${count} ${bytes}`);
      }
      const kept = database.connection.prepare('SELECT count(*) AS n FROM outbox WHERE priority = 1').get();
      assert.equal(kept?.['n'], 1);
    }),
    { numRuns: 15 },
  );
});

type SendReports = Parameters<typeof uploadReports>[0]['client']['sendReports'];

const onSettled = () => undefined;
const refusal = new McpProblem('bad', { code: 'REQUEST_INVALID', status: 400 });

test('what the server has answered for is removed, whatever the outcome, and nothing else', async (t) => {
  const { outbox, append } = setUp(t);
  for (let n = 0; n < 4; n++) append(report(n, 'succeeded'));
  const sendReports: SendReports = async (reports) =>
    reports.slice(0, 3).map(({ commandId }, index) => ({
      commandId,
      outcome: (['recorded', 'unknown-command', 'closed'] as const)[index] ?? 'recorded',
    }));
  const { again } = await uploadReports({
    outbox,
    client: { sendReports },
    log: createSilentLog(),
    onSettled,
  });
  assert.ok(again);
  assert.deepEqual(
    outbox.nextBatch().map((entry) => entry.report.commandId),
    [idOf(3)],
  );
});

test('one report that the server refuses does not hold up the others', async (t) => {
  const { outbox, append } = setUp(t);
  const log = createSilentLog();
  for (let n = 0; n < 4; n++) append(report(n, 'succeeded'));
  const sendReports: SendReports = async (reports) => {
    if (reports.some(({ commandId }) => commandId === idOf(2))) throw refusal;
    return reports.map(({ commandId }) => ({ commandId, outcome: 'recorded' as const }));
  };
  await uploadReports({ outbox, client: { sendReports }, log, onSettled });
  assert.equal(outbox.measure().count, 0);
  assert.deepEqual(log.codes, ['REPORT_REFUSED']);
});

test('a report that is refused for its form, with whatever code, is given up', async (t) => {
  for (const code of formRefusals) {
    const { outbox, append } = setUp(t);
    append(report(1, 'succeeded'));
    const sendReports: SendReports = () => Promise.reject(new McpProblem('bad', { code, status: 400 }));
    await uploadReports({ outbox, client: { sendReports }, log: createSilentLog(), onSettled });
    assert.equal(outbox.measure().count, 0, code);
  }
});

test('a server that answers for nothing is not asked again at once', async (t) => {
  const { outbox, append } = setUp(t);
  append(report(1, 'succeeded'));
  const sendReports: SendReports = () => Promise.resolve([]);
  const { again } = await uploadReports({
    outbox,
    client: { sendReports },
    log: createSilentLog(),
    onSettled,
  });
  assert.equal(again, false);
  assert.equal(outbox.measure().count, 1);
});

test('an upload that fails otherwise keeps everything', async (t) => {
  const { outbox, append } = setUp(t);
  append(report(1, 'succeeded'));
  const sendReports: SendReports = () =>
    Promise.reject(new McpProblem('busy', { code: 'SERVER_BUSY', status: 503 }));
  await assert.rejects(uploadReports({ outbox, client: { sendReports }, log: createSilentLog(), onSettled }));
  assert.equal(outbox.measure().count, 1);
});
