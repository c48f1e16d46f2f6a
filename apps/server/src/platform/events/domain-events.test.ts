import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { AppError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { inTransaction } from '../database/index.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import type { StoredEvent } from './domain-event.ts';
import { numberEvents } from './domain-events.store.ts';
import type { DomainEventsService } from './domain-events.ts';
import type {
  EventGap,
  OutwardSubscription,
  SubscriberTrouble,
  TransactionalSubscription,
} from './subscription.ts';
import {
  changeThing,
  changeThings,
  createTestEvents,
  createThings,
  type TestEvents,
  thingChanged,
  until,
} from './test-events.ts';

let database: TestDatabase;
let world: TestEvents;
let events: DomainEventsService;
before(async () => {
  database = await createTestDatabase({ maxConnections: 16 });
});
beforeEach(async () => {
  await sql`truncate domain_event, domain_event_subscriber`.execute(database.db);
  await sql`drop table if exists thing`.execute(database.db);
  await sql`delete from setting`.execute(database.db);
  world = createTestEvents(database.db);
  events = world.events;
});
afterEach(() => events.stop());
after(() => database.close());

class Refused extends AppError<'TEST_REFUSED'> {}

/** A subscriber that notes what it hears; what it noted in a transaction that failed is forgotten. */
function noting(
  name: string,
  heard: StoredEvent[],
  handle: (batch: readonly StoredEvent[]) => void | Promise<void> = () => {},
): TransactionalSubscription {
  return {
    name,
    title: `The ${name}`,
    filter: { types: ['test-thing.changed'] },
    async handle(_transaction, batch) {
      await handle(batch);
      heard.push(...batch);
    },
    onGap: async () => assert.fail('nothing is lost'),
  };
}

/** A subscriber whose effects lie elsewhere. */
function telling(
  name: string,
  deliver: OutwardSubscription['deliver'],
  more: Partial<OutwardSubscription> = {},
): OutwardSubscription {
  return {
    name,
    title: `The ${name}`,
    filter: { types: ['test-thing.changed'] },
    deliver,
    onGap: async () => assert.fail('nothing is lost'),
    ...more,
  };
}

function versionsOf(heard: readonly StoredEvent[], objectId: string): unknown[] {
  return heard.flatMap((event) =>
    event.type === 'test-thing.changed' && event.objectId === objectId ? [event.data.version] : [],
  );
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

test('what was taken back happened to nobody, and what was committed is heard soon after', async () => {
  await createThings(database.db, ['a']);
  const heard: StoredEvent[] = [];
  const told: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  events.follow(['test-thing.changed'], (batch) => void told.push(...batch));
  await events.start();
  await assert.rejects(
    changeThings(database.db, events, ['a'], () => Promise.reject(new Error('taken back'))),
    /taken back/,
  );
  await changeThings(database.db, events, ['a']);
  // Nobody asks for a turn: the commit itself wakes the dispatcher.
  await until(() => heard.length > 0 && told.length > 0);
  await events.dispatch();
  assert.deepEqual([versionsOf(heard, 'a'), versionsOf(told, 'a')], [[1], [1]]);
  const { rows } = await sql<{ count: number }>`select count(*) as count from domain_event`.execute(
    database.db,
  );
  assert.equal(rows[0]?.count, 1);
});

test('what is committed late is heard although later events were heard before it', async () => {
  await createThings(database.db, ['early', 'late']);
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await events.start();
  let commit = (): void => {};
  let isWritten = false;
  const first = changeThings(database.db, events, ['late'], async () => {
    isWritten = true;
    await new Promise<void>((resolve) => {
      commit = resolve;
    });
  });
  await until(() => isWritten);
  await changeThings(database.db, events, ['early']);
  await events.dispatch();
  await until(() => heard.length === 1);
  assert.deepEqual(
    heard.map((event) => event.objectId),
    ['early'],
  );
  const seqs = async () =>
    (
      await sql<{ object_id: string; seq: number }>`
        select object_id, seq from domain_event order by seq`.execute(database.db)
    ).rows.map((row) => row.object_id);
  commit();
  await first;
  // A reader that had gone by the numbers of the inserts would be past it.
  assert.deepEqual(await seqs(), ['late', 'early']);
  await until(() => heard.length === 2);
  assert.deepEqual(versionsOf(heard, 'late'), [1]);
});

test('of each object everything is heard, once and in order, whatever happens at the same time', async () => {
  const things = ['a', 'b', 'c', 'd', 'e'];
  await createThings(database.db, things);
  const heard: StoredEvent[] = [];
  const told: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  events.follow(['test-thing.changed'], (batch) => void told.push(...batch));
  await events.start();
  let isOver = false;
  const dispatching = (async () => {
    while (!isOver) await events.dispatch();
  })();
  let seed = 7;
  const random = (bound: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % bound;
  };
  const work = upTo(6).map(async () => {
    for (let turn = 0; turn < 40; turn += 1) {
      const chosen = things.filter(() => random(3) === 0);
      const isTakenBack = random(5) === 0;
      const pauses = random(4);
      await changeThings(database.db, events, chosen, async () => {
        for (let pause = 0; pause < pauses; pause += 1) await sql`select 1`.execute(database.db);
        if (isTakenBack) throw new Error('taken back');
      }).catch((error: Error) => assert.equal(error.message, 'taken back'));
    }
  });
  await Promise.all(work);
  isOver = true;
  await dispatching;
  await events.dispatch();
  const { rows } = await sql<{ id: string; version: number }>`select id, version from thing`.execute(
    database.db,
  );
  const total = rows.reduce((sum, row) => sum + row.version, 0);
  assert.ok(total > 100, `${total} changes`);
  await until(() => heard.length >= total);
  for (const { id, version } of rows) {
    assert.deepEqual(versionsOf(heard, id), upTo(version));
    assert.deepEqual(versionsOf(told, id), upTo(version));
  }
});

test('a subscriber that always fails is tried again less and less often, is shown, and holds nobody up', async () => {
  await createThings(database.db, ['a']);
  const [good, poor]: [StoredEvent[], StoredEvent[]] = [[], []];
  let attempts = 0;
  let isBroken = true;
  await events.subscribe(noting('good', good));
  await events.subscribe(
    noting('poor', poor, (batch) => {
      attempts += 1;
      if (isBroken && batch.some((event) => event.objectId === 'a'))
        throw new Refused('TEST_REFUSED', 'The receiver says no.');
    }),
  );
  await events.start();
  for (let count = 0; count < 3; count += 1) await changeThings(database.db, events, ['a']);
  await events.dispatch();
  const stateOf = async (name: string) => (await events.listSubscribers()).find((one) => one.name === name);
  await until(async () => good.length === 3 && ((await stateOf('poor'))?.attempts ?? 0) === 1);
  // So that the second attempt comes in its time and not after the rest of a dispatcher that has nothing to do.
  assert.ok(world.ticks.woken.includes('events.dispatch'));
  const since = new Date(world.clock.now());
  const waits: number[] = [];
  for (let turn = 1; turn <= 5; turn += 1) {
    const state = await stateOf('poor');
    assert.equal(state?.attempts, turn);
    assert.deepEqual(state.failingSince, since);
    assert.equal(state.lastError, 'The receiver says no.');
    waits.push((state.nextAttemptAt?.getTime() ?? 0) - world.clock.now());
    const before = attempts;
    world.clock.advance(waits.at(-1) ?? 0);
    await world.ticks.run('events.dispatch');
    await until(async () => attempts > before && (await stateOf('poor'))?.attempts === turn + 1);
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.deepEqual((await stateOf('poor'))?.waiting, { value: 3, isExact: true });
  assert.deepEqual((await stateOf('good'))?.waiting, { value: 0, isExact: true });
  assert.equal(await stateOf('good').then((state) => state?.failingSince), null);
  const metrics = await world.metrics.metrics();
  assert.match(metrics, /holdfast_event_subscriber_waiting\{subscriber="poor"\} 3/);
  assert.match(metrics, /holdfast_event_subscriber_failing\{subscriber="poor"\} 31/);
  assert.match(metrics, /holdfast_event_subscriber_failing\{subscriber="good"\} 0/);
  assert.ok(world.logged.some((line) => line.includes('"subscriber":"poor"')));
  isBroken = false;
  await events.resume('poor');
  await until(() => poor.length === 3);
  assert.deepEqual(versionsOf(poor, 'a'), [1, 2, 3]);
  const healed = await stateOf('poor');
  assert.deepEqual([healed?.attempts, healed?.failingSince, healed?.lastError], [0, null, null]);
});

async function attemptsOf(name: string): Promise<number> {
  return (await events.listSubscribers()).find((one) => one.name === name)?.attempts ?? 0;
}

test('a subscriber that failed while the clock was wrong does not wait for that time', async () => {
  await createThings(database.db, ['a']);
  const heard: StoredEvent[] = [];
  let isBroken = true;
  await events.subscribe(
    noting('one', heard, () => {
      if (isBroken) throw new Refused('TEST_REFUSED', 'not now');
    }),
  );
  await events.start();
  world.clock.jump(365 * 86_400_000);
  await changeThings(database.db, events, ['a']);
  await until(async () => (await attemptsOf('one')) === 1);
  world.clock.jump(-365 * 86_400_000);
  isBroken = false;
  world.clock.advance(1_000);
  await world.ticks.run('events.dispatch');
  await until(() => heard.length === 1);
});

test('for how long a subscriber fails is counted by no clock that may leap, and not while no server is there', async () => {
  await createThings(database.db, ['a']);
  const troubles: SubscriberTrouble[] = [];
  const failing = telling('one', () => Promise.reject(new Refused('TEST_REFUSED', 'no')), {
    onTrouble: async (trouble) => {
      troubles.push(trouble);
      return 'go-on';
    },
  });
  await events.subscribe(failing);
  await events.start();
  await changeThings(database.db, events, ['a']);
  await until(() => troubles.length === 1);
  world.clock.jump(30 * 86_400_000);
  world.clock.advance(1_000);
  await world.ticks.run('events.dispatch');
  await until(() => troubles.length === 2);
  world.clock.jump(-60 * 86_400_000);
  world.clock.advance(2_000);
  await world.ticks.run('events.dispatch');
  await until(() => troubles.length === 3);
  await events.stop();
  world.clock.advance(86_400_000);
  world = createTestEvents(database.db, { clock: world.clock });
  events = world.events;
  await events.subscribe(failing);
  await events.start();
  await until(() => troubles.length === 4);
  world.clock.advance(8_000);
  await world.ticks.run('events.dispatch');
  await until(() => troubles.length === 5);
  assert.deepEqual(
    troubles.map(({ failingMs }) => failingMs),
    [0, 1_000, 3_000, 3_000, 11_000],
  );
});

test('what was handed over and failed is handed over again as it was, and what came meanwhile after it', async () => {
  await createThings(database.db, ['a']);
  const batches: unknown[][] = [];
  let isBroken = true;
  const deliver = async (batch: readonly StoredEvent[]): Promise<void> => {
    batches.push(versionsOf(batch, 'a'));
    if (isBroken) throw new Refused('TEST_REFUSED', 'the answer was lost');
  };
  await events.subscribe(telling('one', deliver));
  await events.start();
  await changeThings(database.db, events, ['a']);
  await until(async () => (await attemptsOf('one')) === 1);
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  world.clock.advance(1_000);
  await world.ticks.run('events.dispatch');
  await until(async () => (await attemptsOf('one')) === 2);
  isBroken = false;
  world.clock.advance(2_000);
  await world.ticks.run('events.dispatch');
  await until(() => batches.length === 4);
  assert.deepEqual(batches, [[1], [1], [1], [2]]);
});

test('what was being handed over when the server ended is handed over again as it was', async () => {
  await createThings(database.db, ['a']);
  const batches: unknown[][] = [];
  let isHanging = true;
  const deliver: OutwardSubscription['deliver'] = async (batch, signal) => {
    batches.push(versionsOf(batch, 'a'));
    // Whoever is killed here writes nothing down, as whoever stops here does not.
    if (isHanging)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
  };
  await events.subscribe(telling('one', deliver, { batchSize: 2 }));
  await events.start();
  await inTransaction(database.db, async (transaction) => {
    for (let count = 0; count < 3; count += 1) await changeThing(transaction, events, 'a');
  });
  await until(() => batches.length === 1);
  await events.stop();
  isHanging = false;
  world = createTestEvents(database.db);
  events = world.events;
  // A release that takes more at once does not take more of what was begun.
  await events.subscribe(telling('one', deliver));
  await events.start();
  await until(() => batches.length === 3);
  assert.deepEqual(batches, [[1, 2], [1, 2], [3]]);
});

test('one event that fails costs the many before it one failure and not one each', async () => {
  await createThings(database.db, ['a', 'bad']);
  await events.start();
  const heard: StoredEvent[] = [];
  let isBroken = true;
  let failures = 0;
  await events.subscribe(
    noting('one', heard, (batch) => {
      if (!isBroken || !batch.some((event) => event.objectId === 'bad')) return;
      failures += 1;
      throw new Refused('TEST_REFUSED', 'not this one');
    }),
  );
  await events.pause('one');
  await inTransaction(database.db, async (transaction) => {
    for (let count = 0; count < 50; count += 1) await changeThing(transaction, events, 'a');
    await changeThing(transaction, events, 'bad');
    for (let count = 0; count < 10; count += 1) await changeThing(transaction, events, 'a');
  });
  await events.dispatch();
  await events.resume('one');
  await until(() => failures === 1);
  await until(async () => (await attemptsOf('one')) === 1);
  world.clock.advance(2_000);
  await world.ticks.run('events.dispatch');
  await until(() => failures === 2);
  assert.deepEqual(versionsOf(heard, 'a'), upTo(50));
  await until(async () => (await attemptsOf('one')) === 1);
  isBroken = false;
  world.clock.advance(2_000);
  await world.ticks.run('events.dispatch');
  await until(() => heard.length === 61);
  assert.deepEqual(versionsOf(heard, 'a'), upTo(60));
});

test('of two that subscribe with one name at once the later one hears, and the other one no more', async () => {
  await createThings(database.db, ['a']);
  await events.start();
  const [first, second]: [StoredEvent[], StoredEvent[]] = [[], []];
  await Promise.all([
    events.subscribe(noting('one', first)),
    events.subscribe(noting('one', second)),
    events.pause('one'),
    events.resume('one'),
  ]);
  await changeThings(database.db, events, ['a']);
  await until(() => second.length === 1);
  await events.dispatch();
  assert.deepEqual([first.length, second.length], [0, 1]);
});

test('a subscriber whose owner makes its place has none without it, and hears nothing', async () => {
  await createThings(database.db, ['a']);
  await events.start();
  const heard: StoredEvent[] = [];
  await events.subscribe({ ...noting('one', heard), hasPlace: true });
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  assert.deepEqual([await events.listSubscribers(), heard], [[], []]);
});

test('what stands before the event that fails gets through', async () => {
  await createThings(database.db, ['a', 'bad']);
  const heard: StoredEvent[] = [];
  await events.subscribe(
    noting('one', heard, (batch) => {
      if (batch.some((event) => event.objectId === 'bad')) throw new Refused('TEST_REFUSED', 'not this one');
    }),
  );
  await inTransaction(database.db, async (transaction) => {
    await changeThing(transaction, events, 'a');
  });
  // All of them wait when it begins.
  await events.subscribe(noting('other', []));
  await events.start();
  await events.dispatch();
  await events.pause('one');
  heard.length = 0;
  await changeThings(database.db, events, ['a']);
  await changeThings(database.db, events, ['bad']);
  await events.dispatch();
  await events.resume('one');
  await until(async () => (await events.listSubscribers()).some((one) => one.attempts === 1));
  assert.deepEqual(heard, []);
  world.clock.advance(2_000);
  await world.ticks.run('events.dispatch');
  await until(() => heard.length === 1);
  assert.deepEqual(versionsOf(heard, 'a'), [2]);
});

test('an error that was not made to be shown is shown to nobody', async () => {
  await createThings(database.db, ['a']);
  await events.subscribe(
    noting('one', [], () => {
      throw new TypeError('the secret is 12345');
    }),
  );
  await events.start();
  await changeThings(database.db, events, ['a']);
  await until(async () => (await events.listSubscribers())[0]?.attempts === 1);
  const [state] = await events.listSubscribers();
  assert.match(state?.lastError ?? '', /error in the server/);
});

test('a subscriber begins at the present, goes on where it was, and one that pauses misses nothing', async () => {
  await createThings(database.db, ['a']);
  await events.start();
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await changeThings(database.db, events, ['a']);
  await until(() => heard.length === 1);
  await events.pause('one');
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  assert.equal((await events.listSubscribers())[0]?.isPaused, true);
  await events.stop();

  const next = createTestEvents(database.db);
  await next.events.subscribe(noting('one', heard));
  await next.events.start();
  await until(() => heard.length === 2);
  assert.deepEqual(versionsOf(heard, 'a'), [2, 3]);
  await next.events.pause('one');
  await changeThings(database.db, next.events, ['a']);
  await next.events.dispatch();
  await next.events.resume('one', { skipsWaiting: true });
  await changeThings(database.db, next.events, ['a']);
  await until(() => heard.length === 3);
  assert.deepEqual(versionsOf(heard, 'a'), [2, 3, 5], 'what waited was left out');
  await next.events.stop();
});

test('what everybody has heard is kept for days and then removed', async () => {
  await createThings(database.db, ['a']);
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await events.start();
  await changeThings(database.db, events, ['a']);
  await until(() => heard.length === 1);
  const count = async (): Promise<number> =>
    (await sql<{ count: number }>`select count(*) as count from domain_event`.execute(database.db)).rows[0]
      ?.count ?? -1;
  world.clock.advance(6 * 86_400_000);
  await changeThings(database.db, events, ['a']);
  await until(() => heard.length === 2);
  await world.ticks.run('events.prune');
  assert.equal(await count(), 2);
  world.clock.advance(2 * 86_400_000);
  await world.ticks.run('events.prune');
  assert.equal(await count(), 1);
});

test('events of a clock that leapt are not removed for it', async () => {
  await createThings(database.db, ['a']);
  await events.start();
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  await world.ticks.run('events.prune');
  world.clock.jump(400 * 86_400_000);
  await world.ticks.run('events.prune');
  const { rows } = await sql`select 1 from domain_event`.execute(database.db);
  assert.equal(rows.length, 1);
});

test('a subscriber that does not come on holds events back up to a bound, and is told that it missed some', async () => {
  await events.stop();
  const keeping = { heard: { ms: 1_000, count: 3 }, unheard: { ms: 86_400_000, count: 10 } };
  world = createTestEvents(database.db, { keeping });
  events = world.events;
  await createThings(database.db, ['a']);
  const [quick, slow]: [StoredEvent[], StoredEvent[]] = [[], []];
  const gaps: EventGap[] = [];
  await events.subscribe(noting('quick', quick));
  await events.subscribe({
    ...noting('slow', slow),
    onGap: async (_transaction, gap) => void gaps.push(gap),
  });
  await events.start();
  await events.pause('slow');
  for (let count = 0; count < 8; count += 1) await changeThings(database.db, events, ['a']);
  await events.dispatch();
  await until(() => quick.length === 8);
  await world.ticks.run('events.prune');
  const kept = async (): Promise<number> =>
    (await sql`select 1 from domain_event`.execute(database.db)).rows.length;
  assert.equal(await kept(), 8, 'the slow one has not heard them');
  for (let count = 0; count < 8; count += 1) await changeThings(database.db, events, ['a']);
  await events.dispatch();
  await until(() => quick.length === 16);
  await world.ticks.run('events.prune');
  assert.equal(await kept(), 10, 'and now they are too many');
  assert.ok(world.logged.some((line) => line.includes('missed events')));
  await events.resume('slow');
  await until(() => slow.length === 10);
  const [first] = quick;
  const start = (first?.position ?? 0) - 1;
  assert.deepEqual(gaps, [{ after: start, upTo: start + 6 }]);
  assert.deepEqual(versionsOf(slow, 'a'), upTo(16).slice(6));
  const stateOf = async () => (await events.listSubscribers()).find((one) => one.name === 'slow');
  await until(async () => (await stateOf())?.waiting.value === 0);
  const state = await stateOf();
  assert.deepEqual([state?.gapUpTo, state?.gapAt], [null, new Date(world.clock.now())]);
});

test('a subscriber for which there is little to hear does not hold back what is for others', async () => {
  await createThings(database.db, ['a']);
  await events.subscribe({ ...noting('rare', []), filter: { types: ['test-thing.ignored'] } });
  await events.start();
  await changeThings(database.db, events, ['a']);
  await events.dispatch();
  world.clock.advance(8 * 86_400_000);
  await world.ticks.run('events.prune');
  const { rows } = await sql`select 1 from domain_event`.execute(database.db);
  assert.equal(rows.length, 0);
});

test('a subscriber of a group hears what concerns it', async () => {
  const [top, berlin, paris] = upTo(3).map((digit) => `00000000-0000-7000-8000-00000000000${digit}`) as [
    string,
    string,
    string,
  ];
  const heard: StoredEvent[] = [];
  await events.subscribe({
    ...noting('berlin', heard),
    filter: { types: ['test-thing.changed'], groupId: berlin },
  });
  await events.start();
  await inTransaction(database.db, async (transaction) => {
    await events.record(transaction, [
      { ...thingChanged('in berlin', 1), groupIds: [top, berlin] },
      { ...thingChanged('in paris', 1), groupIds: [top, paris] },
      thingChanged('nowhere', 1),
      { ...thingChanged('from one to the other', 1), groupIds: [top, berlin, paris] },
    ]);
  });
  await until(() => heard.length === 2);
  assert.deepEqual(
    heard.map((event) => event.objectId),
    ['in berlin', 'from one to the other'],
  );
});

test('events of another release that this one cannot read are passed over, and said so', async () => {
  const heard: StoredEvent[] = [];
  await events.subscribe({ ...noting('one', heard), filter: { types: 'all' } });
  await events.start();
  await sql`
    insert into domain_event (id, type, object_kind, object_id, data, occurred_at) values
      (gen_random_uuid(), 'test-thing.changed', 'thing', 'a', '{"version":"two"}', now()),
      (gen_random_uuid(), 'newer-thing.happened', 'thing', 'a', '{}', now()),
      (gen_random_uuid(), 'test-thing.changed', 'thing', 'a', '{"version":1}', now())`.execute(database.db);
  await world.ticks.run('events.dispatch');
  await until(() => heard.length === 1);
  assert.deepEqual(versionsOf(heard, 'a'), [1]);
  await until(() => world.logged.some((line) => line.includes('another release')));
});

test('a type that nobody defined and data without end are refused, and so is the change', async () => {
  const record = async (event: unknown): Promise<void> =>
    await inTransaction(database.db, (transaction) => events.record(transaction, event as never));
  await assert.rejects(record({ type: 'other.happened', objectId: 'a', data: {} }), RangeError);
  const version = 'x'.repeat(70_000);
  await assert.rejects(record({ type: 'test-thing.changed', objectId: 'a', data: { version } }), RangeError);
});

test('names that no database stores are written readably', async () => {
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await events.start();
  await inTransaction(database.db, async (transaction) => {
    const data = { version: 1, name: 'nul \0 half \ud800' } as { version: number };
    await events.record(transaction, { type: 'test-thing.changed', objectId: 'a', data });
  });
  await until(() => heard.length === 1);
  assert.deepEqual(heard[0]?.data, { version: 1, name: 'nul \uFFFD half \uFFFD' });
});

test('a hundred thousand events that gathered are heard in order, in batches, without much memory', async () => {
  await events.start();
  let [count, last, largest, misplaced] = [0, 0, 0, 0];
  await sql`
    insert into domain_event (id, type, object_kind, object_id, data, occurred_at)
    select gen_random_uuid(), 'test-thing.changed', 'test-thing', (n % 1000)::text, jsonb_build_object('version', n), now()
    from generate_series(1, 100000) n`.execute(database.db);
  const place = async (): Promise<void> =>
    await inTransaction(database.db, (transaction) => events.place(transaction, 'late'));
  await place();
  await events.dispatch();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let highest = before;
  const startedAt = performance.now();
  await events.subscribe({
    ...noting('late', []),
    async handle(_transaction, batch) {
      largest = Math.max(largest, batch.length);
      highest = Math.max(highest, process.memoryUsage().heapUsed);
      for (const event of batch) {
        if (event.position <= last) misplaced += 1;
        last = event.position;
        count += 1;
      }
    },
  });
  await until(() => count >= 100_000, 120);
  const seconds = (performance.now() - startedAt) / 1_000;
  assert.deepEqual([count, misplaced], [100_000, 0]);
  assert.ok(largest <= 250, `${largest} in one batch`);
  assert.ok(highest - before < 200 * 1_048_576, `${Math.round((highest - before) / 1_048_576)} MiB`);
  assert.ok(seconds < 100, `${seconds} s`);
});

test('nothing is passed over that is being numbered at the same time', async () => {
  await createThings(database.db, ['a']);
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await events.start();
  await changeThings(database.db, events, ['a']);
  await until(() => heard.length === 1);
  await sql`
    insert into domain_event (id, type, object_kind, object_id, data, occurred_at)
    select gen_random_uuid(), 'test-thing.changed', 'test-thing', 'a', jsonb_build_object('version', n), now()
    from generate_series(2, 5) n`.execute(database.db);
  await inTransaction(database.db, async (transaction) => {
    assert.equal((await numberEvents(transaction, 2))?.length, 2);
    // Their positions are taken from the sequence by now, and nobody else sees them.
    await events.resume('one');
    await events.pause('one');
    await events.resume('one');
  });
  await world.ticks.run('events.dispatch');
  await events.resume('one');
  await until(() => heard.length === 5);
  assert.deepEqual(versionsOf(heard, 'a'), upTo(5));
});

test('a subscriber that stands far behind does not look at what was removed stretch by stretch', async () => {
  await createThings(database.db, ['a']);
  const heard: StoredEvent[] = [];
  await events.subscribe(noting('one', heard));
  await events.start();
  await sql`select setval('domain_event_position_seq', 1000000000000)`.execute(database.db);
  await changeThings(database.db, events, ['a']);
  await until(() => heard.length === 1);
  assert.equal(heard[0]?.position, 1_000_000_000_001);
  await sql`select setval('domain_event_position_seq', 1)`.execute(database.db);
});
