import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createApiKey, listDevices } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { createAccessToken, deriveKey, KeyLabel } from '@holdfast/trust';
import { seedFleet } from './directory/fleet.ts';
import {
  type Attack as ConnectionAttack,
  holdSlowBodies,
  insist,
  pipeline,
} from './overload/hostile-connections.ts';
import { readMemoryPeakBytes } from './process-figures.ts';
import { printFigures, quantileOf, readOption } from './report.ts';
import { type BenchAdministrator, setUpSite } from './server/administrator.ts';
import { openSite } from './server/site.ts';

// What an administrator notices while products, a program with an API key, or strangers ask for all that they may and more: the
// time of one page of the device list beside the same pages on a quiet server. While strangers hold bodies that never end,
// an honest product reports as well.
//
// npm run bench -- overload [--products 3] [--pages 150] [--devices 20000] [--connections 8] [--slow 1500]

const productCount = readOption('products', 3);
const pages = readOption('pages', 150);
const deviceCount = readOption('devices', 20_000);
/** Connections of each hostile product. */
const connections = 12;
const storm = 400;
const pipelinedConnections = readOption('connections', 8);
const slowConnections = readOption('slow', 1_500);

const uuid = '0194fdc2-fa2f-7cc0-81d3-ff12045b73d0';
const nestedEmpties = `{"a":[${'{},'.repeat(345_000)}{}]}`;
const volumes = Array.from({ length: 40 }, (_, disk) => ({
  name: `disk ${disk}`,
  sizeBytes: 1,
  encryption: 'unknown',
  volumes: Array.from({ length: 100 }, () => ({ name: 'v', encryption: 'unknown' })),
}));
const manyKeys = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const at = Date.now();

interface Attack {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: Buffer;
  readonly isPacked?: boolean;
}

/** What was found to cost most, each within the bounds of its call. */
const attacks: readonly Attack[] = [
  {
    method: 'POST',
    path: mcpPath.logs,
    isPacked: true,
    body: gzipSync(
      `{"journal":"${uuid}","entries":[{"sequence":1,"at":1,"type":"x","severity":"info","facts":${nestedEmpties}}]}`,
    ),
  },
  {
    method: 'POST',
    path: mcpPath.logs,
    body: Buffer.from(
      JSON.stringify({
        journal: uuid,
        entries: Array.from({ length: 120 }, (_, index) => ({
          sequence: index + 1,
          at,
          type: 'x',
          severity: 'info',
          facts: manyKeys(700),
        })),
      }),
    ),
  },
  {
    method: 'POST',
    path: mcpPath.commandReports,
    body: Buffer.from(
      JSON.stringify({
        reports: Array.from({ length: 50 }, () => ({
          commandId: uuid,
          state: 'succeeded',
          at,
          result: manyKeys(600),
        })),
      }),
    ),
  },
  {
    method: 'PUT',
    path: mcpPath.inventory,
    body: Buffer.from(JSON.stringify({ collectedAt: at, facts: { disks: volumes } })),
  },
];

const site = await openSite();
try {
  await seedFleet(site.db, deviceCount);
  const server = await site.startServer();
  const administrator = await setUpSite(server, 60_000);
  const tokenKey = deriveKey(site.keys.masterKey, KeyLabel.accessToken);
  const isOver = { now: false };
  const answers = new Map<number, number>();

  const attack = async (productNumber: number, start: number): Promise<void> => {
    const bearer = createAccessToken(tokenKey, { productNumber, epoch: 1, expiresAtMs: at + 3_600_000 });
    for (let round = start; !isOver.now; round += 1) {
      const one = attacks[round % attacks.length];
      if (one === undefined) return;
      const status = await send(server.origin, one, bearer);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };

  const quiet = await readPages(administrator);
  const attackers = Array.from({ length: productCount * connections }, (_, index) =>
    attack(1 + (index % productCount), index),
  );
  const attacked = await readPages(administrator);
  isOver.now = true;
  await Promise.all(attackers);

  const { key } = await administrator.client.call(createApiKey, {
    body: { name: 'Storm', permissions: ['directory:read'] },
  });
  const searches = Array.from({ length: storm }, (_, index) =>
    fetchPage(server.origin, `/api/v1/devices?search=${index}`, key),
  );
  const stormed = await readPages(administrator);
  const outcomes = await Promise.all(searches);

  const duringAttack = async (attack: ConnectionAttack): Promise<number[]> => {
    await delay(1_000);
    const tookMs = await readPages(administrator);
    await attack.stop();
    return tookMs;
  };
  const pipelined = await duringAttack(pipeline(server.origin, pipelinedConnections));
  const insisted = await duringAttack(insist(server.origin, pipelinedConnections));

  const isSlowOver = { now: false };
  const reported = new Map<number, number>();
  const reporter = (async () => {
    const bearer = createAccessToken(tokenKey, {
      productNumber: productCount + 1,
      epoch: 1,
      expiresAtMs: at + 3_600_000,
    });
    const body = Buffer.from(JSON.stringify({ collectedAt: at, facts: {} }));
    while (!isSlowOver.now) {
      const status = await send(server.origin, { method: 'PUT', path: mcpPath.inventory, body }, bearer);
      reported.set(status, (reported.get(status) ?? 0) + 1);
      await delay(1_000);
    }
  })();
  const slowed = await duringAttack(holdSlowBodies(server.origin, slowConnections));
  isSlowOver.now = true;
  await reporter;
  const peakBytes = await readMemoryPeakBytes(server.pid);
  administrator.close();

  printFigures(
    `One page of ${deviceCount.toLocaleString('en')} devices, for an administrator, while others ask for all they can`,
    [
      { name: 'quiet, middle', value: quantileOf(quiet, 0.5), unit: 'ms' },
      { name: 'quiet, 95 %', value: quantileOf(quiet, 0.95), unit: 'ms' },
      { name: `${productCount} hostile products, middle`, value: quantileOf(attacked, 0.5), unit: 'ms' },
      { name: `${productCount} hostile products, 95 %`, value: quantileOf(attacked, 0.95), unit: 'ms' },
      {
        name: 'against the quiet server, 95 %',
        value: quantileOf(attacked, 0.95) / quantileOf(quiet, 0.95),
        unit: '×',
      },
      ...[...answers]
        .sort(([left], [right]) => left - right)
        .map(([status, count]) => ({
          name: `their calls answered with ${status}`,
          value: count,
          unit: '',
        })),
      {
        name: `${storm} searches of one API key at once, 95 %`,
        value: quantileOf(stormed, 0.95),
        unit: 'ms',
      },
      {
        name: 'against the quiet server, 95 %',
        value: quantileOf(stormed, 0.95) / quantileOf(quiet, 0.95),
        unit: '×',
      },
      {
        name: `${pipelinedConnections} connections that send ahead, 95 %`,
        value: quantileOf(pipelined, 0.95),
        unit: 'ms',
      },
      {
        name: 'against the quiet server, 95 %',
        value: quantileOf(pipelined, 0.95) / quantileOf(quiet, 0.95),
        unit: '×',
      },
      {
        name: `${pipelinedConnections} connections that are refused and go on, 95 %`,
        value: quantileOf(insisted, 0.95),
        unit: 'ms',
      },
      {
        name: 'against the quiet server, 95 %',
        value: quantileOf(insisted, 0.95) / quantileOf(quiet, 0.95),
        unit: '×',
      },
      {
        name: `${slowConnections.toLocaleString('en')} bodies that never end, 95 %`,
        value: quantileOf(slowed, 0.95),
        unit: 'ms',
      },
      ...[...reported]
        .sort(([left], [right]) => left - right)
        .map(([status, count]) => ({
          name: `meanwhile reports of an honest product answered with ${status}`,
          value: count,
          unit: '',
        })),
      { name: 'searches answered', value: outcomes.filter((status) => status === 200).length, unit: '' },
      { name: 'server, most memory at any time', value: peakBytes / 1_048_576, unit: 'MiB' },
    ],
  );
} finally {
  await site.close();
}

async function readPages(administrator: BenchAdministrator): Promise<number[]> {
  const tookMs: number[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const startedAt = performance.now();
    const answer = await administrator.client.call(listDevices, {
      query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    });
    tookMs.push(performance.now() - startedAt);
    cursor = answer.nextCursor ?? undefined;
  }
  return tookMs;
}

async function send(
  origin: string,
  { method, path, body, isPacked }: Attack,
  bearer: string,
): Promise<number> {
  return await statusOf(
    request(new URL(path, origin), {
      method,
      rejectUnauthorized: false,
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'content-length': body.length,
        ...(isPacked === true ? { 'content-encoding': 'gzip' } : {}),
      },
    }).end(body),
  );
}

async function fetchPage(origin: string, path: string, key: string): Promise<number> {
  return await statusOf(
    request(new URL(path, origin), {
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${key}` },
    }).end(),
  );
}

/** 0: the connection ended without an answer, as one may that sends what it was told not to. */
async function statusOf(outgoing: ReturnType<typeof request>): Promise<number> {
  // A connection that is closed once its refusal has come is no fault.
  outgoing.on('error', () => {});
  try {
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'close');
    return answer.statusCode ?? 0;
  } catch {
    return 0;
  }
}
