import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isUuid, systemClock } from '@holdfast/kernel';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createJournalId } from './journal-id.ts';
import { readJournalSizes } from './journal-size.ts';
import { createJournals, type Journals } from './journals.service.ts';
import type { NewLogEntry } from './journal.store.ts';

const entry = (n: number, severity: NewLogEntry['severity'] = 'info'): NewLogEntry => ({
  at: 1_000 + n,
  type: `event-${n}`,
  severity,
});

function open(database: StateDatabase, maxCount = 100, maxBytes = 1_000_000): Journals {
  const bounds = { maxCount, maxBytes };
  return createJournals({
    database,
    clock: systemClock,
    createId: () => createJournalId(systemClock),
    bounds: { security: bounds, general: bounds },
  });
}

const typesOf = (journals: Journals): string[] =>
  (journals.nextBatch('general')?.entries ?? []).map(({ type }) => type);

function fill(t: TestContext, count: number, maxCount: number): Journals {
  const journals = open(createTestDatabase(t), maxCount);
  for (let n = 1; n <= count; n++) journals.append('general', entry(n));
  return journals;
}

test('entries are handed out in their order until they are acknowledged, and never again after that', (t) => {
  const journals = fill(t, 3, 100);
  const batch = journals.nextBatch('general');
  assert.ok(batch !== undefined && isUuid(batch.id));
  assert.deepEqual(
    batch.entries.map(({ sequence, type }) => [sequence, type]),
    [
      [1, 'event-1'],
      [2, 'event-2'],
      [3, 'event-3'],
    ],
  );
  assert.deepEqual(journals.nextBatch('general'), batch, 'nothing was acknowledged');
  journals.acknowledge(batch, 2);
  assert.deepEqual(typesOf(journals), ['event-3']);
  assert.equal(journals.nextBatch('general')?.acknowledged, 2, 'the server is told what it has acknowledged');
  journals.acknowledge(batch, 3);
  assert.equal(journals.nextBatch('general'), undefined);
  assert.equal(journals.countWaiting(), 0);
});

test('what was kept is there after a restart, under the same name, and the count goes on', (t) => {
  const database = createTestDatabase(t);
  open(database).append('security', entry(1, 'warning'));
  const before = open(database).nextBatch('security');
  const journals = open(database);
  journals.append('security', entry(2, 'warning'));
  const batch = journals.nextBatch('security');
  assert.equal(batch?.id, before?.id);
  assert.deepEqual(
    batch?.entries.map(({ sequence }) => sequence),
    [1, 2],
  );
});

test('a transaction that fails takes its entries along', (t) => {
  const database = createTestDatabase(t);
  const journals = open(database);
  assert.throws(() =>
    database.transaction(() => {
      journals.append('general', entry(1));
      throw new Error('no');
    }),
  );
  assert.equal(journals.countWaiting(), 0);
});

test('a full journal drops the oldest of the lowest severity, and says how many and of which time', (t) => {
  const journals = open(createTestDatabase(t), 4);
  journals.append('general', entry(1, 'error'));
  for (const n of [2, 3, 4]) journals.append('general', entry(n));
  journals.append('general', entry(5, 'warning'));
  journals.append('general', entry(6, 'notice'));
  const entries = journals.nextBatch('general')?.entries ?? [];
  assert.deepEqual(
    entries.map(({ type }) => type),
    ['event-1', 'event-4', 'event-5', 'event-6', 'log-entries-dropped'],
  );
  assert.deepEqual(entries.at(-1)?.facts, { count: 2, firstAt: 1_002, lastAt: 1_003 });
});

test('an entry that matters less than all that is kept is the one that goes', (t) => {
  const journals = open(createTestDatabase(t), 2);
  for (const n of [1, 2]) journals.append('general', entry(n, 'error'));
  journals.append('general', entry(3, 'debug'));
  assert.deepEqual(typesOf(journals), ['event-1', 'event-2', 'log-entries-dropped']);
});

test('a journal is bounded in bytes too', (t) => {
  const database = createTestDatabase(t);
  const journals = open(database, 1_000, 2_000);
  for (let n = 1; n <= 100; n++) {
    journals.append('general', { ...entry(n), text: 'x'.repeat(200) });
    assert.ok(readJournalSizes(database).general.entryBytes <= 2_000);
  }
  const { entryCount, droppedCount } = readJournalSizes(database).general;
  assert.ok(entryCount > 3);
  assert.equal(entryCount + droppedCount, 100);
});

test('the entry about losses is not dropped itself, and there is one at a time', (t) => {
  const journals = fill(t, 10, 3);
  assert.deepEqual(journals.nextBatch('general')?.entries.at(-1)?.facts?.['count'], 7);
  for (let n = 11; n <= 30; n++) journals.append('general', entry(n));
  const batch = journals.nextBatch('general');
  const said = (batch?.entries ?? []).filter(({ type }) => type === 'log-entries-dropped');
  assert.equal(said.length, 1);
  assert.ok(batch);
  journals.acknowledge(batch, batch.entries.at(-1)?.sequence ?? 0);
  const [next] = journals.nextBatch('general')?.entries ?? [];
  assert.equal(next?.type, 'log-entries-dropped');
  assert.equal(Number(said[0]?.facts?.['count']) + Number(next?.facts?.['count']), 28);
});

test('one call carries no more than the protocol allows', (t) => {
  const journals = fill(t, 700, 1_000);
  const batch = journals.nextBatch('general');
  assert.equal(batch?.entries.length, 500);
});

test('an entry that the server refuses is given up and does not count as acknowledged', (t) => {
  const journals = fill(t, 2, 100);
  const batch = journals.nextBatch('general');
  assert.ok(batch !== undefined);
  journals.giveUp(batch, 1);
  assert.deepEqual(typesOf(journals), ['event-2']);
  assert.equal(journals.nextBatch('general')?.acknowledged, 0);
});

test('a state file from an old backup begins a new journal, so that nothing new is taken for known', (t) => {
  const database = createTestDatabase(t);
  const earlier = open(database);
  for (const n of [1, 2]) earlier.append('general', entry(n));
  // The server has entries up to 9 from the time after the backup.
  const journals = open(database);
  journals.append('general', entry(3));
  const batch = journals.nextBatch('general');
  assert.ok(batch);
  journals.acknowledge(batch, 9);
  const renewed = journals.nextBatch('general');
  assert.notEqual(renewed?.id, batch.id);
  assert.equal(renewed?.acknowledged, 0, 'no server has acknowledged anything of the new journal');
  assert.deepEqual(typesOf(journals), ['event-3', 'log-entries-dropped'], 'of the others nobody knows');
  assert.equal(renewed?.entries.at(-1)?.facts?.['count'], 2);
  journals.acknowledge(batch, 3);
  assert.ok(
    journals.countWaiting() > 0,
    'a late answer about the former journal says nothing of the new one',
  );
});
