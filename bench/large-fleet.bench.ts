import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeFleetState } from '@holdfast/testkit';
import { findFreePort } from '../e2e/support/free-port.ts';
import { prepareFleet } from './fleet/prepare.ts';
import { readCpuMs, readResidentBytes } from './process-figures.ts';
import { type Figure, printFigures, quantileOf, readOption } from './report.ts';
import { setUpSite } from './server/administrator.ts';
import { openSite } from './server/site.ts';
import { startSubject } from './subject.ts';

// `npm run simulate` with a large fleet against a server on this computer: the fleet's records are written into the benchmark's
// own database, then every product shakes hands, probes, chooses UDP and reports; beside a runtime that does nothing.
//
// npm run bench -- large-fleet [--products 5000] [--interval 60] [--minutes 2] [--profile FOLDER]

const products = readOption('products', 5_000);
const intervalSeconds = readOption('interval', 60);
const minutes = readOption('minutes', 2);
const profileAt = process.argv.indexOf('--profile');
const profileFolder = profileAt === -1 ? undefined : process.argv[profileAt + 1];
const simulator = fileURLToPath(new URL('../packages/testkit/src/fleet/simulate.main.ts', import.meta.url));

/** One line of the simulator. */
interface Progress {
  readonly event: string;
  readonly [name: string]: unknown;
}

const site = await openSite();
try {
  const port = await findFreePort();
  const preparedAt = performance.now();
  const saved = await prepareFleet(site, `https://localhost:${port}`, products);
  const prepareMs = performance.now() - preparedAt;
  const server = await site.startServer({ port, ...(profileFolder === undefined ? {} : { profileFolder }) });
  (await setUpSite(server, intervalSeconds * 1_000)).close();
  const stateFile = join(site.home, 'fleet.state');
  await writeFleetState(stateFile, saved);
  const child = spawn(
    process.execPath,
    [
      simulator,
      ...['--server', saved.server, '--state', stateFile, '--json', '--spread-addresses', '64'],
      ...['--products', String(products), '--transport', 'udp'],
      ...['--interval', String(intervalSeconds), '--minutes', String(minutes)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const simulatorPid = child.pid ?? 0;
  const samples: Sample[] = [];
  let allConnectedAtMs: number | undefined;
  const startedAt = performance.now();
  let last: Progress | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const progress = JSON.parse(line) as Progress;
    last = progress;
    if (progress.event !== 'running') continue;
    const connected = Number((progress['products'] as Record<string, number>)['connected']);
    samples.push({
      atMs: performance.now() - startedAt,
      connected,
      serverCpuMs: await readCpuMs(server.pid),
      simulatorCpuMs: await readCpuMs(simulatorPid).catch(() => Number.NaN),
      acknowledged: Number((progress['counts'] as Record<string, number>)['acknowledged']),
      heartbeats: Number((progress['counts'] as Record<string, number>)['heartbeats']),
      simulatorBytes: await readResidentBytes(simulatorPid).catch(() => Number.NaN),
      serverBytes: await readResidentBytes(server.pid),
    });
    if (connected === products) allConnectedAtMs ??= performance.now() - startedAt;
  }
  await ended;
  const idle = await startSubject('./idle.subject.ts');
  const idleBytes = await readResidentBytes(Number(idle.facts['pid']));
  await idle.stop();
  if (last === undefined) throw new Error('The simulator said nothing.');
  printFigures(`${products.toLocaleString('en')} simulated products, every ${intervalSeconds} s by UDP`, [
    { name: 'records written into the database', value: products / (prepareMs / 1_000), unit: '/s' },
    ...describeRun(samples, allConnectedAtMs),
    { name: 'reference: a runtime that does nothing, resident', value: idleBytes / 2 ** 20, unit: 'MiB' },
  ]);
  process.stdout.write(`\nThe simulator's last word: ${JSON.stringify(last)}\n`);
} finally {
  await site.close();
}

interface Sample {
  readonly atMs: number;
  readonly connected: number;
  readonly acknowledged: number;
  readonly heartbeats: number;
  readonly serverCpuMs: number;
  readonly simulatorCpuMs: number;
  readonly serverBytes: number;
  readonly simulatorBytes: number;
}

function describeRun(all: readonly Sample[], allConnectedAtMs: number | undefined): Figure[] {
  const usable = all.filter((sample) => Number.isFinite(sample.simulatorCpuMs));
  const end = usable.at(-1);
  if (end === undefined) throw new Error('The run was too short.');
  const connecting = usable.filter((sample) => sample.connected < products);
  const rates = connecting.flatMap((sample, place) => {
    const before = connecting[place - 1];
    return before === undefined
      ? []
      : [((sample.connected - before.connected) * 1_000) / (sample.atMs - before.atMs)];
  });
  const restFrom = usable.find((sample) => sample.connected === products);
  const rest = restFrom === undefined || restFrom === end ? [] : describeRest(restFrom, end);
  return [
    { name: 'connected at the end', value: end.connected, unit: '' },
    { name: 'all connected after', value: (allConnectedAtMs ?? Number.NaN) / 1_000, unit: 's' },
    { name: 'connecting, middle of the seconds', value: quantileOf(rates, 0.5), unit: '/s' },
    {
      name: 'server, processor time for each that connected',
      value: (restFrom ?? end).serverCpuMs / (restFrom ?? end).connected,
      unit: 'ms',
    },
    { name: 'server, resident at the end', value: end.serverBytes / 2 ** 20, unit: 'MiB' },
    { name: 'simulator, resident at the end', value: end.simulatorBytes / 2 ** 20, unit: 'MiB' },
    ...rest,
  ];
}

/** What the fleet costs once it is there. */
function describeRest(from: Sample, to: Sample): Figure[] {
  const seconds = (to.atMs - from.atMs) / 1_000;
  return [
    { name: 'at rest: heartbeats', value: (to.heartbeats - from.heartbeats) / seconds, unit: '/s' },
    { name: 'at rest: acknowledged', value: (to.acknowledged - from.acknowledged) / seconds, unit: '/s' },
    {
      name: 'at rest: server, share of a core',
      value: (to.serverCpuMs - from.serverCpuMs) / seconds / 10,
      unit: '%',
    },
    {
      name: 'at rest: simulator, share of a core',
      value: (to.simulatorCpuMs - from.simulatorCpuMs) / seconds / 10,
      unit: '%',
    },
  ];
}
