/** A server as far as events go, for tests that kill it: changes things, and two subscribers whose effects lie in tables of the test. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ClockWitness } from '../clock/clock-witness.store.ts';
import { createDatabase, type Database, parseDatabaseUrl } from '../database/index.ts';
import { createTimedTicks } from '../ticks/timed-ticks.ts';
import type { EventType, StoredEvent } from './domain-event.ts';
import { createDomainEvents } from './domain-events.ts';
import { changeThings, thingEvents } from './test-events.ts';

const [url = '', ...things] = process.argv.slice(2);
const opened = createDatabase({ connection: parseDatabaseUrl(url) });
const { db } = opened;
const log = pino({ level: 'warn' }, process.stderr);
const ticks = createTimedTicks({ log, waitForDatabase: (signal) => opened.waitUntilReady(signal) });
const events = createDomainEvents({
  database: db,
  clock: systemClock,
  clockWitness: new ClockWitness({ database: db, clock: systemClock, log }),
  log,
  ticks,
  createId: randomUUID,
  metrics: new Registry(),
});
events.define(thingEvents);

async function write(database: Database, table: string, batch: readonly StoredEvent[]): Promise<void> {
  await sql`
    insert into ${sql.ref(table)} (object_id, version) select * from unnest(${batch.map((event) => event.objectId)}::text[],
      ${batch.map((event) => (event.data as { readonly version: number }).version)}::integer[])`.execute(
    database,
  );
}

const filter = { types: ['test-thing.changed'] satisfies EventType[] } as const;
const onGap = async (): Promise<void> => {
  throw new Error('nothing is lost');
};
await events.subscribe({
  name: 'inside',
  title: 'Effects in the transaction',
  filter,
  batchSize: 20,
  handle: (transaction, batch) => write(transaction, 'handled_inside', batch),
  onGap,
});
await events.subscribe({
  name: 'outside',
  title: 'Effects elsewhere',
  filter,
  batchSize: 20,
  deliver: (batch) => write(db, 'handled_outside', batch),
  onGap,
});
await events.start();
process.stdout.write('ready\n');
// Until it is killed, in the middle of one of them more often than not.
while (things.length > 0) {
  await changeThings(db, events, things);
  await delay(2);
}
