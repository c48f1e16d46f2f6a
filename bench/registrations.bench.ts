import { setTimeout as delay } from 'node:timers/promises';
import { createEnrolmentToken, getDevice, listDevices } from '@holdfast/api';
import { systemClock } from '@holdfast/kernel';
import { createFleet } from '@holdfast/testkit';
import { sql } from 'kysely';
import { NEW_DEVICES_GROUP_ID } from '../apps/server/src/modules/directory/index.ts';
import { readCpuMs } from './process-figures.ts';
import { commitBareRows } from './registration/bare-commits.ts';
import { printFigures, quantileOf, readOption, readTextOption } from './report.ts';
import { type BenchAdministrator, setUpSite } from './server/administrator.ts';
import { openSite } from './server/site.ts';

// Products that register through the real calls, each with a key of its own, and what an administrator waits for meanwhile;
// beside bare commits of single rows by the same database with the same fsync.
//
// npm run bench -- registrations [--products 5000] [--profile FOLDER]

const products = readOption('products', 5_000);
const profileFolder = readTextOption('profile');
/** Each network address has a limit of its own; a fleet of many sites has many. */
const addresses = 64;
const bareMs = 3_000;

const site = await openSite();
try {
  const server = await site.startServer(profileFolder === undefined ? {} : { profileFolder });
  const administrator = await setUpSite(server, 60_000);
  const { tokenString } = await administrator.client.call(createEnrolmentToken, {
    body: {
      name: 'Benchmark',
      groupId: NEW_DEVICES_GROUP_ID,
      maxUses: null,
      expiresInMs: 3_600_000,
      isApprovalNeeded: false,
    },
  });
  const fleet = await createFleet({
    server: server.origin,
    token: tokenString,
    products,
    clock: systemClock,
    addresses,
    connections: 64,
  });
  const quiet = await watchConsole(administrator, delay(5_000));
  const sizeBefore = await readDatabaseBytes();
  const [serverCpuBefore, databaseCpuBefore] = [await readCpuMs(server.pid), await readDatabaseCpuMs()];
  const ownCpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const registering = fleet.register();
  const busy = await watchConsole(administrator, registering);
  const seconds = (performance.now() - startedAt) / 1_000;
  const ownCpu = process.cpuUsage(ownCpuBefore);
  const serverCpuMs = (await readCpuMs(server.pid)) - serverCpuBefore;
  const databaseCpuMs = (await readDatabaseCpuMs()) - databaseCpuBefore;
  fleet.stop();
  const bytesEach = ((await readDatabaseBytes()) - sizeBefore) / products;
  administrator.close();
  await server.stop();
  const [one, four] = [await commitBareRows(site.db, 1, bareMs), await commitBareRows(site.db, 4, bareMs)];
  const rate = products / seconds;
  printFigures(`${products.toLocaleString('en')} products register from ${addresses} addresses`, [
    { name: 'registered', value: rate, unit: '/s' },
    { name: 'reference: bare commits of one row, one after the other', value: one, unit: '/s' },
    { name: 'reference: bare commits of one row, four at a time', value: four, unit: '/s' },
    { name: 'registered, against four at a time', value: (rate / four) * 100, unit: '%' },
    { name: 'server process, processor time', value: serverCpuMs / products, unit: 'ms each' },
    { name: 'database, processor time', value: databaseCpuMs / products, unit: 'ms each' },
    {
      name: 'simulated products, processor time',
      value: (ownCpu.user + ownCpu.system) / 1e3 / products,
      unit: 'ms each',
    },
    { name: 'database, grown with its audit log', value: bytesEach, unit: 'B each' },
    ...describeConsole('quiet', quiet),
    ...describeConsole('while they register', busy),
  ]);
} finally {
  await site.close();
}

interface ConsoleTimes {
  readonly list: number[];
  readonly device: number[];
}

/** Opens the device list and one device, again and again, as a person does who looks. */
async function watchConsole({ client }: BenchAdministrator, until: Promise<unknown>): Promise<ConsoleTimes> {
  const times: ConsoleTimes = { list: [], device: [] };
  let isOver = false;
  const over = until.finally(() => (isOver = true));
  // Heard below.
  over.catch(() => {});
  while (!isOver) {
    const listAt = performance.now();
    const { devices } = await client.call(listDevices, { query: { limit: 100 } });
    times.list.push(performance.now() - listAt);
    const [device] = devices;
    if (device !== undefined) {
      const deviceAt = performance.now();
      await client.call(getDevice, { params: { deviceId: device.id } });
      times.device.push(performance.now() - deviceAt);
    }
    await Promise.race([delay(200), over]);
  }
  await over;
  return times;
}

function describeConsole(when: string, times: ConsoleTimes) {
  const pages = { 'device list': times.list, 'one device': times.device };
  return Object.entries(pages).flatMap(([page, values]) =>
    values.length === 0
      ? []
      : [
          [0.5, 'middle'],
          [0.95, '95 %'],
          [0.99, '99 %'],
        ].map(([share, name]) => ({
          name: `${page}, ${when}, ${name}`,
          value: quantileOf(values, Number(share)),
          unit: 'ms',
        })),
  );
}

async function readDatabaseBytes(): Promise<number> {
  const { rows } = await sql<{
    bytes: string;
  }>`select pg_database_size(current_database())::text as bytes`.execute(site.db);
  return Number(rows[0]?.bytes);
}

/** All processes of the database that serve a connection now. */
async function readDatabaseCpuMs(): Promise<number> {
  const { rows } = await sql<{
    pid: number;
  }>`select pid from pg_stat_activity where pid <> pg_backend_pid()`.execute(site.db);
  const times = await Promise.all(rows.map((row) => readCpuMs(row.pid).catch(() => 0)));
  return times.reduce((sum, time) => sum + time, 0);
}
