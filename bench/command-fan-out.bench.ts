import { getCommand, issueCommand } from '@holdfast/api';
import { limits, mcpPath } from '@holdfast/protocol';
import { createAccessToken, deriveKey, KeyLabel } from '@holdfast/trust';
import { insertBareTargets, takeBareTargets } from './commands/bare-queue.ts';
import { seedFleet } from './directory/fleet.ts';
import { until } from '../e2e/support/until.ts';
import { readCpuMs } from './process-figures.ts';
import { printFigures, quantileOf, readOption, readTextOption } from './report.ts';
import { setUpSite } from './server/administrator.ts';
import { postAll } from './server/post-loop.ts';
import { openSite } from './server/site.ts';

// A command to a whole fleet: how long until it is queued for everybody, and how long until everybody has fetched it by HTTPS, at
// the pace at which the server calls products or as fast as it answers, beside the same rows in the database alone.
//
// npm run bench -- command-fan-out [--products 100000] [--claims 20000] [--pace 2000] [--profile FOLDER]

const products = readOption('products', 100_000);
/** So many of them fetch it; the time for all follows from that. */
const claims = Math.min(products, readOption('claims', 20_000));
/** The server calls no more products in a second. */
const perSecond = readOption('pace', 2_000);
const profileFolder = readTextOption('profile');
const connections = 64;
/** Claims that the server works on at once. */
const workers = 6;
const bareClaims = Math.min(claims, 10_000);

const site = await openSite();
try {
  await seedFleet(site.db, products);
  const server = await site.startServer(profileFolder === undefined ? {} : { profileFolder });
  const administrator = await setUpSite(server, 60_000);
  const startedAt = performance.now();
  const command = await administrator.client.call(issueCommand, {
    body: { type: 'synchronise-now', targets: { filter: {} }, expiresInMs: 3_600_000 },
  });
  const queueMs = performance.now() - startedAt;

  const tokenKey = deriveKey(site.keys.masterKey, KeyLabel.accessToken);
  const expiresAtMs = Date.now() + 3_600_000;
  const cpuBefore = await readCpuMs(server.pid);
  const tookMs: number[] = [];
  let refused = 0;
  let next = 1;
  const deliverAt = performance.now();
  const body = JSON.stringify({ max: limits.maxCommandsPerClaim });
  await postAll(server.port, connections, async () => {
    if (next > claims) return undefined;
    const productNumber = next;
    next += 1;
    const dueMs = (productNumber / perSecond) * 1_000 - (performance.now() - deliverAt);
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    return {
      path: mcpPath.commandClaims,
      body,
      bearer: createAccessToken(tokenKey, { productNumber, epoch: 1, expiresAtMs }),
      onAnswer: (answer) => {
        tookMs.push(answer.tookMs);
        if (answer.status !== 200) refused += 1;
      },
    };
  });
  const deliverMs = performance.now() - deliverAt;
  const cpuMs = (await readCpuMs(server.pid)) - cpuBefore;
  const delivered = claims - refused;
  await until('the counts have followed', async () => {
    const { counts } = await administrator.client.call(getCommand, { params: { commandId: command.id } });
    return counts.delivered >= delivered ? true : undefined;
  });
  const countedMs = performance.now() - deliverAt;
  administrator.close();

  const bareInsertMs = await insertBareTargets(site.db, products);
  const bareRate = await takeBareTargets(site.db, bareClaims, workers);
  const rate = delivered / (deliverMs / 1_000);
  printFigures(`A command to ${products.toLocaleString('en')} products`, [
    { name: 'queued for all, with the answer to the administrator', value: queueMs / 1_000, unit: 's' },
    { name: 'reference: as many rows inserted by one statement', value: bareInsertMs / 1_000, unit: 's' },
    { name: 'queued, against the reference', value: bareInsertMs / queueMs, unit: '×' },
    { name: `fetched by ${claims.toLocaleString('en')}`, value: deliverMs / 1_000, unit: 's' },
    { name: 'fetched', value: rate, unit: '/s' },
    { name: 'fetched by all, at this rate', value: products / rate, unit: 's' },
    { name: 'refused', value: refused, unit: '' },
    { name: 'claim to answer, middle', value: quantileOf(tookMs, 0.5), unit: 'ms' },
    { name: 'claim to answer, 99 %', value: quantileOf(tookMs, 0.99), unit: 'ms' },
    { name: 'server process, each claim', value: cpuMs / claims, unit: 'ms' },
    { name: 'until Command Tracking shows these as delivered', value: countedMs / 1_000, unit: 's' },
    { name: 'reference: one row taken and committed, skip locked', value: bareRate, unit: '/s' },
    { name: 'fetched, against the reference', value: (rate / bareRate) * 100, unit: '%' },
  ]);
} finally {
  await site.close();
}
