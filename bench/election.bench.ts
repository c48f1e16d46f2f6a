import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSimulatedLan } from '@holdfast/agent/src/modules/active-agent/election/lan-simulation.testing.ts';
import { createBridgedLan, findLanObstacle } from '@holdfast/agent/src/testing/bridged-lan.ts';
import { type Figure, medianOf, printFigures, quantileOf, readOption } from './report.ts';

// How long a LAN is without an Active Agent after its process was killed: real processes and sockets, each in a network namespace on one
// switch. Then what is said on LANs of growing size, simulated, beside LANs on which every agent says something every 30 seconds.
//
// npm run bench -- election [--kills 50]: needs root and network namespaces for the first part; some five minutes.

const AGENTS = 5;
const kills = readOption('kills', 50);
const program = fileURLToPath(
  new URL('../apps/agent/src/modules/active-agent/lan-election.test-process.ts', import.meta.url),
);
const figures: Figure[] = [];
const note = (name: string, value: number, unit: string): void => void figures.push({ name, value, unit });

interface Line {
  readonly isActive: boolean;
  readonly leader: number | null;
  readonly atMs: number;
}

async function measureFailovers(): Promise<void> {
  const lan = await createBridgedLan(AGENTS);
  const start = (host: number) => {
    const args = [process.execPath, program, String(host + 1), String(450 + host * 20), '1'];
    const child = spawn('ip', ['netns', 'exec', lan.hosts[host] ?? '', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: Line[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Line));
    return { host, child, lines };
  };
  const agents = Array.from({ length: AGENTS }, (_, host) => start(host));
  const findAgreed = () => {
    const [active, another] = agents.filter(({ lines }) => lines.at(-1)?.isActive === true);
    if (active === undefined || another !== undefined) return undefined;
    const areAll = agents.every(
      ({ lines, host }) => host === active.host || lines.at(-1)?.leader === active.host + 1,
    );
    return areAll ? active : undefined;
  };
  const agree = async () => {
    for (;;) {
      const agreed = findAgreed();
      if (agreed !== undefined) return agreed;
      await delay(5);
    }
  };
  try {
    const untilActive: number[] = [];
    const untilAll: number[] = [];
    for (let count = 0; count < kills; count++) {
      const active = await agree();
      // At any moment between two beacons.
      await delay(1_000 + Math.random() * 1_000);
      const killedAt = Date.now();
      active.child.kill('SIGKILL');
      await once(active.child, 'exit');
      agents.splice(agents.indexOf(active), 1);
      const next = await agree();
      untilAll.push(Date.now() - killedAt);
      untilActive.push((next.lines.findLast(({ isActive }) => isActive)?.atMs ?? Number.NaN) - killedAt);
      agents.push(start(active.host));
      await agree();
    }
    note(`new Active Agent after a kill, median of ${kills}`, medianOf(untilActive), 'ms');
    note('the 95th percentile', quantileOf(untilActive, 0.95), 'ms');
    note('the slowest', Math.max(...untilActive), 'ms');
    note('until all follow it, median', medianOf(untilAll), 'ms');
    note('the slowest', Math.max(...untilAll), 'ms');
  } finally {
    for (const { child } of agents) child.kill('SIGKILL');
    await lan.remove();
  }
}

function measureTalk(count: number): void {
  const lan = createSimulatedLan(count);
  for (let n = 0; n < count; n++) lan.add(401 + ((n * 7) % 180));
  const counts: number[] = [];
  for (let slice = 0; slice < 200; slice++) {
    lan.run(100);
    counts.push(lan.sent.toAll);
  }
  const peak = Math.max(...counts.map((value, slice) => value - (counts[slice - 10] ?? 0)));
  const before = { ...lan.sent };
  lan.run(600_000);
  note(`${count} agents that start at once: to all, in the busiest second`, peak, 'datagrams');
  note(`${count} agents: to all, afterwards`, (lan.sent.toAll - before.toAll) / 600, 'datagrams/s');
  note(`${count} agents: to one, in ten minutes`, lan.sent.toOne - before.toOne, 'datagrams');
  note(`${count} agents that each speak every 30 s, for comparison`, count / 30, 'datagrams/s');
}

const obstacle = findLanObstacle();
if (obstacle === false) await measureFailovers();
else process.stderr.write(`No LAN of network namespaces here: ${obstacle}.\n`);
for (const count of [2, 10, 50, 200, 1_000]) measureTalk(count);
printFigures('Election of the Active Agent', figures);
