/** Events about nothing, for tests of what carries them. Imported by tests only. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Type } from 'typebox';
import { createTestClock, type TestClock } from '../clock/test-clock.ts';
import { createTestTicks, type TestTicks } from '../ticks/test-ticks.ts';
import { ClockWitness } from '../clock/clock-witness.store.ts';
import { type Database, inTransaction, type Transaction } from '../database/index.ts';
import { type DomainEvent, defineEvent, type EventsOf } from './domain-event.ts';
import { createDomainEvents, type DomainEventsService, type EventKeeping } from './domain-events.ts';

export const thingEvents = {
  'test-thing.changed': defineEvent({
    objectKind: 'test-thing',
    title: 'Thing changed',
    permission: 'directory:read',
    data: Type.Object({ version: Type.Integer() }),
  }),
  'test-thing.ignored': defineEvent({
    objectKind: 'test-thing',
    title: 'Thing ignored',
    permission: 'directory:read',
    data: Type.Object({ version: Type.Integer() }),
  }),
};

declare module './domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof thingEvents> {}
}

export interface TestEvents {
  readonly events: DomainEventsService;
  readonly clock: TestClock;
  readonly ticks: TestTicks;
  readonly metrics: Registry;
  readonly logged: string[];
}

/** The events of a process, not started. */
export function createTestEvents(
  database: Database,
  options: { readonly clock?: TestClock; readonly keeping?: EventKeeping } = {},
): TestEvents {
  const clock = options.clock ?? createTestClock();
  const ticks = createTestTicks();
  const metrics = new Registry();
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void logged.push(line) });
  const events = createDomainEvents({
    database,
    clock,
    clockWitness: new ClockWitness({ database, clock, log }),
    ticks,
    log,
    metrics,
    createId: randomUUID,
    random: () => 0.5,
    keeping: options.keeping,
  });
  events.define(thingEvents);
  return { events, clock, ticks, metrics, logged };
}

export function thingChanged(objectId: string, version: number): DomainEvent {
  return { type: 'test-thing.changed', objectId, data: { version } };
}

/** Things with a version that grows by one with each change, under a lock, as modules change their objects. */
export async function createThings(database: Database, ids: readonly string[]): Promise<void> {
  await sql`create table if not exists thing (id text primary key, version integer not null default 0)`.execute(
    database,
  );
  await sql`insert into thing (id) select * from unnest(${[...ids]}::text[])`.execute(database);
}

/** One change of some things in one transaction. `hold` runs before the commit. */
export async function changeThings(
  database: Database,
  events: Pick<DomainEventsService, 'record'>,
  ids: readonly string[],
  hold: () => Promise<void> = async () => {},
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    for (const id of [...ids].sort()) await changeThing(transaction, events, id);
    await hold();
  });
}

export async function changeThing(
  transaction: Transaction,
  events: Pick<DomainEventsService, 'record'>,
  id: string,
): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    update thing set version = version + 1 where id = ${id} returning version`.execute(transaction);
  await events.record(transaction, thingChanged(id, rows[0]?.version ?? 0));
}

// A loop without a pause takes the processor from whoever is waited for.
const LOOK_AGAIN_MS = 5;

export async function until(isTrue: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('what was waited for did not come in time');
    await delay(LOOK_AGAIN_MS);
  }
}
