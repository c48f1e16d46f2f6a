import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import { createFleet, type Fleet } from '@holdfast/testkit';
import { until } from '../e2e/support/until.ts';
import { prepareFleet } from './fleet/prepare.ts';
import { findFreePort } from '../e2e/support/free-port.ts';
import { type Figure, printFigures, readOption } from './report.ts';
import { Arrivals, drawCurve, meanOf, peakOf } from './restart/arrivals.ts';
import { playNaiveRestart, playRestart, type VirtualRestart } from './restart/virtual-fleet.ts';
import { setUpSite } from './server/administrator.ts';
import { openSite } from './server/site.ts';

// What arrives at a server that was away: in virtual time for a large fleet, with the decisions of the simulated products, beside
// agents without any pacing; then in real time for a smaller one, with a server process that is stopped and started.
//
// npm run bench -- restart-storm [--products 100000] [--real 2000] [--away 10]

const products = readOption('products', 100_000);
const realProducts = readOption('real', 2_000);
const realAwayMs = readOption('away', 10) * 1_000;
const intervalMs = 60_000;
const realIntervalMs = 10_000;
const watchedIntervals = 5;
const naiveRetryMs = 10_000;
const showsCurves = !process.argv.includes('--json');

const virtual = {
  products,
  intervalMs,
  watchedMs: watchedIntervals * intervalMs,
  transport: 'udp-acknowledged',
} as const;
const restarts: readonly (readonly [string, VirtualRestart])[] = [
  ['away for 10 s', { ...virtual, awayMs: 10_000 }],
  ['away for 10 s, heartbeats by HTTPS', { ...virtual, awayMs: 10_000, transport: 'https' }],
  ['away for 10 minutes', { ...virtual, awayMs: 600_000 }],
];
const figures: Figure[] = [];
const fleetText = products.toLocaleString('en');
for (const [name, restart] of restarts) {
  figures.push(...describe(`${fleetText} products, virtual time, ${name}`, playRestart(restart), intervalMs));
}
const naive = playNaiveRestart({ ...virtual, awayMs: 10_000, retryMs: naiveRetryMs });
figures.push(...describe(`reference: ${fleetText} agents that all try again every 10 s`, naive, intervalMs));
if (realProducts > 0) {
  const name = `${realProducts.toLocaleString('en')} products, real time, away for ${realAwayMs / 1_000} s`;
  figures.push(...describe(name, await measureRealRestart(), realIntervalMs));
}
printFigures('Arrivals after a restart of the server', figures);

/** Draws the curve and sums it up. */
function describe(name: string, arrivals: Arrivals, everyMs: number): Figure[] {
  const intervalSeconds = everyMs / 1_000;
  const seconds = watchedIntervals * intervalSeconds;
  if (showsCurves) {
    process.stdout.write(
      `\n${name}: arrivals after the return\n${drawCurve(arrivals, seconds, Math.ceil(intervalSeconds / 6))}`,
    );
  }
  const all = arrivals.between(0, seconds);
  const first = arrivals.between(0, intervalSeconds);
  const second = arrivals.between(intervalSeconds, 2 * intervalSeconds);
  return [
    { name: `${name}: mean`, value: meanOf(all), unit: '/s' },
    { name: '  highest second ÷ mean', value: peakOf(all) / meanOf(all), unit: '' },
    { name: '  highest ten seconds ÷ mean', value: peakOf(tens(all)) / meanOf(all), unit: '' },
    {
      name: '  highest second after the first three ÷ mean',
      value: peakOf(all.slice(3)) / meanOf(all),
      unit: '',
    },
    {
      name: '  highest second of the first interval ÷ its mean',
      value: peakOf(first) / meanOf(first),
      unit: '',
    },
    {
      name: '  highest second one interval later ÷ its mean',
      value: peakOf(second) / meanOf(second),
      unit: '',
    },
  ];
}

/** Means of ten seconds each, beginning at every second. */
function tens(values: readonly number[]): readonly number[] {
  return values.slice(0, -9).map((_, place) => meanOf(values.slice(place, place + 10)));
}

async function measureRealRestart(): Promise<Arrivals> {
  const site = await openSite();
  let fleet: Fleet | undefined;
  try {
    const port = await findFreePort();
    const saved = await prepareFleet(site, `https://localhost:${port}`, realProducts);
    const first = await site.startServer({ port });
    const administrator = await setUpSite(first, realIntervalMs);
    administrator.close();
    fleet = await createFleet({
      server: saved.server,
      saved,
      products: realProducts,
      clock: systemClock,
      arriveWithinMs: realProducts * 5,
      addresses: 64,
      connections: 64,
    });
    const running = fleet;
    running.start();
    await until(
      'all products are connected',
      () => (running.snapshot().products.connected === realProducts ? true : undefined),
      180_000,
      () => JSON.stringify(running.snapshot()),
    );
    // What is left of the arrival goes by.
    await delay(2 * realIntervalMs);
    await first.stop();
    await delay(realAwayMs);
    const isBack = site.startServer({ port });
    return await watch(running, isBack);
  } finally {
    fleet?.stop();
    await site.close();
  }
}

/** Counts what is answered: from the first answer on, which is when the server is back. */
async function watch(fleet: Fleet, isBack: Promise<unknown>): Promise<Arrivals> {
  const arrivals = new Arrivals();
  const answered = (): number => {
    const { counts } = fleet.snapshot();
    return counts.acknowledged + counts.handshakes;
  };
  const before = answered();
  await Promise.all([
    isBack,
    until('the first answer', () => (answered() > before ? true : undefined), 60_000),
  ]);
  const startedAt = performance.now();
  let last = before;
  for (;;) {
    const seconds = (performance.now() - startedAt) / 1_000;
    if (seconds >= (watchedIntervals * realIntervalMs) / 1_000) return arrivals;
    const now = answered();
    arrivals.record(seconds, now - last);
    last = now;
    await delay(50);
  }
}
