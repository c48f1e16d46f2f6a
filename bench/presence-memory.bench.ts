import { setTimeout as delay } from 'node:timers/promises';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decodeDatagram } from '@holdfast/protocol';
import { sql } from 'kysely';
import { fleetTables, seedFleet, withoutIndexes } from './directory/fleet.ts';
import { FleetHeartbeats } from './presence/fleet-heartbeats.ts';
import { type Figure, printFigures, quantileOf, readOption } from './report.ts';
import { openEvents, setUpSite } from './server/administrator.ts';
import { openSite, type Site, type SiteServer } from './server/site.ts';
import { startSubject, type Subject } from './subject.ts';

// What a registered product costs the server's process and its database, for growing fleets, beside plain objects in a map;
// then, with the largest fleet reporting by UDP, how long after its deadline a silent product is announced to an open
// console, beside one look through the table of the database.
//
// npm run bench -- presence-memory [--products 1000000]: a million take some five minutes of a machine of their own.

const largest = readOption('products', 1_000_000);
const sizes = [largest / 100, largest / 10, largest].map(Math.floor);
const intervalMs = 60_000;
/** Products of one room report more often, so that their deadline comes soon. */
const watchedIntervalMs = 5_000;
/** Silence after which a product has timed out, in intervals: two at the far end of their jitter. */
const timeoutIntervals = 2.2;
const watchedGroup = sql<string>`md5('room1-1')::uuid`;

const figures: Figure[] = [];
const site = await openSite();
try {
  const empty = await startEmpty(site);
  // It seals its datagrams while the database is filled.
  const sealing = startBackground(empty.port);
  let seeded = 0;
  let server: SiteServer | undefined;
  for (const size of sizes) {
    await server?.stop();
    const seed = (): Promise<void> => seedFleet(site.db, size, seeded + 1);
    if (size === largest) await withoutIndexes(site.db, seed);
    else await seed();
    seeded = size;
    server = await site.startServer({ port: empty.port });
    const memory = await server.memory();
    const name = `${size.toLocaleString('en')} products`;
    const tables = await readTableBytes();
    figures.push(
      {
        name: `${name}: server, resident, beyond an empty one`,
        value: (memory.rss - empty.rss) / 2 ** 20,
        unit: 'MiB',
      },
      { name: `${name}: server, resident, each`, value: (memory.rss - empty.rss) / size, unit: 'B' },
      {
        name: `${name}: server, arrays, each`,
        value: (memory.arrayBuffers - empty.arrayBuffers) / size,
        unit: 'B',
      },
      { name: `${name}: database with its indexes, each`, value: sumOf(tables) / size, unit: 'B' },
    );
    if (size !== largest) continue;
    for (const [table, bytes] of tables)
      figures.push({ name: `  of these ${table}, each`, value: bytes / size, unit: 'B' });
  }
  await sql`checkpoint`.execute(site.db).catch(() => {});
  if (server !== undefined)
    figures.push(...(await measureNotice(server, empty.administrator, await sealing)));
  figures.push(...(await measureSweep()));
  const map = await startSubject('./presence/object-map.subject.ts', [String(largest)], ['--expose-gc']);
  figures.push({
    name: 'reference: plain objects in a map, each',
    value: Number(map.facts['bytes']) / largest,
    unit: 'B',
  });
  await map.stop();
  printFigures('Memory for each registered product, and time to notice a silent one', figures);
} finally {
  await site.close();
}

/** A server without products, which also makes the administrator and the settings. */
async function startEmpty(on: Site) {
  const server = await on.startServer();
  const administrator = await setUpSite(server, intervalMs);
  const { rss, arrayBuffers } = await server.memory();
  await server.stop();
  return { rss, arrayBuffers, administrator, port: server.port };
}

/** The fleet that reports. */
async function startBackground(port: number): Promise<Subject> {
  const masterKey = site.keys.masterKey.export().toString('base64url');
  const rate = Math.round(largest / (intervalMs / 1_000));
  const args = [String(port), String(largest), String(rate), masterKey];
  return await startSubject('./presence/background.subject.ts', args);
}

async function readTableBytes(): Promise<ReadonlyMap<string, number>> {
  const sizesOf = await Promise.all(
    fleetTables.map(async (table) => {
      const { rows } = await sql<{
        bytes: string;
      }>`select pg_total_relation_size(${table}::regclass)::text as bytes`.execute(site.db);
      return [table, Number(rows[0]?.bytes)] as const;
    }),
  );
  return new Map(sizesOf);
}

function sumOf(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0);
}

/** A whole fleet reports; the watched ones do so twice and then never again. */
async function measureNotice(
  before: SiteServer,
  administrator: Awaited<ReturnType<typeof setUpSite>>,
  background: Subject,
): Promise<Figure[]> {
  await before.stop();
  await sql`
    insert into group_setting (group_id, kind, revision, value, changed_at)
    values (${watchedGroup}, 'communication', 1, jsonb_build_object('heartbeatIntervalMs', ${watchedIntervalMs}::integer,
      'offlineTimeoutMs', ${watchedIntervalMs * 3}::integer), now())`.execute(site.db);
  const { rows } = await sql<{ number: string }>`
    select product_number::text as number from device where group_id = ${watchedGroup} limit 400`.execute(
    site.db,
  );
  const watched = new Set(rows.map((row) => Number(row.number)));
  const loadedAt = performance.now();
  const server = await site.startServer({ port: before.port });
  const startMs = performance.now() - loadedAt;
  const latenessMs: number[] = [];
  const told = new Map<number, number>();
  let mistaken = 0;
  const events = await openEvents(server, administrator, (event) => {
    if (event.type !== 'presence' || event.presence.status !== 'timed-out') return;
    if (!watched.delete(event.productNumber)) mistaken += 1;
    else {
      const silentMs = Date.now() - Date.parse(event.presence.lastSeenAt ?? '');
      latenessMs.push(silentMs - timeoutIntervals * (told.get(event.productNumber) ?? watchedIntervalMs));
    }
  });
  const startedAt = performance.now();
  const cpuBefore = await background.cpuUs();
  // The first sign of each product after the start of the server is news too, and so much of it that consoles are told to ask again.
  await delay(intervalMs);
  await sendWatched(server.port, watched, told);
  for (const number of watched) if (!told.has(number)) watched.delete(number);
  const limitMs = performance.now() + timeoutIntervals * Math.max(...told.values()) + 10_000;
  while (watched.size > 0 && performance.now() < limitMs) await delay(100);
  const counts = await background.counts();
  const seconds = (performance.now() - startedAt) / 1_000;
  events.close();
  await background.stop();
  return [
    { name: 'start of the server with the largest fleet', value: startMs / 1_000, unit: 's' },
    { name: 'background: heartbeats sent', value: Number(counts['sent']) / seconds, unit: '/s' },
    {
      name: 'background: acknowledged',
      value: (Number(counts['answered']) / Number(counts['sent'])) * 100,
      unit: '%',
    },
    {
      name: 'background: sender, share of a core',
      value: (Number(counts['cpuUs']) - cpuBefore) / seconds / 1e4,
      unit: '%',
    },
    { name: 'silent products announced', value: latenessMs.length, unit: '' },
    { name: 'silent products missed', value: watched.size, unit: '' },
    { name: 'others declared silent', value: mistaken, unit: '' },
    { name: 'deadline to console, middle', value: quantileOf(latenessMs, 0.5), unit: 'ms' },
    { name: 'deadline to console, 99 %', value: quantileOf(latenessMs, 0.99), unit: 'ms' },
    { name: 'deadline to console, longest', value: quantileOf(latenessMs, 1), unit: 'ms' },
    { name: 'deadline to console, shortest', value: quantileOf(latenessMs, 0), unit: 'ms' },
  ];
}

/**
 * Twice each, spread over some seconds, and again where no answer came. The interval that counts afterwards is the longer one of
 * both answers: a server that is busy asks for longer ones.
 */
async function sendWatched(
  port: number,
  numbers: ReadonlySet<number>,
  told: Map<number, number>,
): Promise<void> {
  const heartbeats = new FleetHeartbeats(site.keys.masterKey);
  const socket = createSocket('udp4');
  const waiting = new Set<number>();
  socket.on('message', (bytes) => {
    const answer = decodeDatagram(bytes);
    if (answer.type !== 'heartbeat-acknowledgement') return;
    const { productNumber, nextIntervalMs } = answer;
    waiting.delete(productNumber);
    told.set(productNumber, Math.max(told.get(productNumber) ?? 0, nextIntervalMs));
  });
  // A port that was closed answers by ICMP, after the fact.
  socket.on('error', () => {});
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (const sequence of [1_000, 1_001]) {
    for (const number of numbers) waiting.add(number);
    for (let round = 0; round < 5; round += 1) {
      for (const number of waiting) {
        socket.send(heartbeats.seal(number, sequence), () => {});
        await delay(10);
      }
      await delay(500);
    }
  }
  socket.close();
}

/** What noticing would cost without deadlines in memory: one look for everybody who was silent for too long. */
async function measureSweep(): Promise<Figure[]> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now();
    await sql`
      select product_number from product_presence
      where status = 'online' and last_seen_at < timestamptz '2025-01-01' - interval_ms * 2.2 * interval '1 millisecond'`.execute(
      site.db,
    );
    times.push(performance.now() - startedAt);
  }
  return [
    {
      name: 'reference: one look through the table for silent products',
      value: quantileOf(times, 0.5),
      unit: 'ms',
    },
  ];
}
