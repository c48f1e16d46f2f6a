import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createHeartbeat } from '../apps/server/src/modules/presence/heartbeat.testing.ts';
import { PresenceEngine } from '../apps/server/src/modules/presence/presence-engine.ts';
import { loadPresence } from '../apps/server/src/modules/presence/presence-loader.service.ts';
import { PresenceSaver } from '../apps/server/src/modules/presence/presence-saver.service.ts';
import { seedFleet } from './directory/fleet.ts';
import { medianOf, printFigures, readOption } from './report.ts';
import { openSite } from './server/site.ts';

// How many products the saver of presence brings into the database in a second, after a heartbeat of each, beside the database
// alone: the same rows updated by one bare statement, and the same rows written anew. With fsync.
//
// npm run bench -- presence-writes [--products 100000]

const products = readOption('products', 100_000);
const rounds = 5;

const site = await openSite();
try {
  const { db } = site;
  await seedFleet(db, products);
  const engine = new PresenceEngine({
    clock: systemClock,
    times: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 },
    capacity: products + 1,
  });
  await loadPresence(db, engine);
  const saver = new PresenceSaver(db, engine, async () => {});
  await saver.saveAll();
  const numbers: number[] = [];
  for (let number = 1; number <= products; number += 1) {
    if (engine.findEpoch(number) !== undefined) numbers.push(number);
  }
  await sql`create table bench_presence (like product_presence including all)`.execute(db);

  const saved: number[] = [];
  const savedCpu: number[] = [];
  const updated: number[] = [];
  const written: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    for (const number of numbers) beat(engine, number);
    const cpuBefore = process.cpuUsage();
    const save = await timeOf(() => saver.saveAll());
    const cpu = process.cpuUsage(cpuBefore);
    const update = await timeOf(() => updateBare(numbers));
    const write = await timeOf(writeAnew);
    await sql`vacuum product_presence`.execute(db);
    if (round < 0) continue; // The first round warms everything up.
    saved.push(numbers.length / save);
    savedCpu.push((cpu.user + cpu.system) / numbers.length);
    updated.push(numbers.length / update);
    written.push(numbers.length / write);
  }
  const [save, update, write] = [saved, updated, written].map(medianOf) as [number, number, number];
  printFigures(
    `Presence of ${numbers.length.toLocaleString('en')} products written, median of ${rounds} rounds`,
    [
      { name: 'saver', value: save, unit: '/s' },
      { name: 'reference: bare update of the same rows', value: update, unit: '/s' },
      { name: 'reference: the same rows written into an empty table', value: write, unit: '/s' },
      { name: 'saver against the bare update', value: (save / update) * 100, unit: '%' },
      { name: 'saver, processor time of the server process', value: medianOf(savedCpu), unit: 'µs each' },
    ],
  );

  /** The database's part alone: one statement for the same batches of rows, with nothing to put together here. */
  async function updateBare(all: readonly number[]): Promise<void> {
    const batch = 5_000;
    for (let from = 0; from < all.length; from += batch) {
      await sql`
        update product_presence set last_seen_at = now(), last_sequence = last_sequence + 1, changed_at = changed_at
        where product_number = any(${all.slice(from, from + batch)}::bigint[])`.execute(db);
    }
  }

  async function writeAnew(): Promise<void> {
    await sql`truncate bench_presence`.execute(db);
    await sql`insert into bench_presence select * from product_presence`.execute(db);
  }
} finally {
  await site.close();
}

/** The next heartbeat of the product. */
function beat(engine: PresenceEngine, productNumber: number): void {
  const sequence = (engine.table.columns.lastSequence[productNumber] ?? 0) + 1;
  engine.recordHeartbeat(createHeartbeat(productNumber, sequence), 'heartbeat-udp');
}

/** @returns seconds */
async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
