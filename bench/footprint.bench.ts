import { spawnSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createEnrolmentToken, getCommand, issueCommand, listDevices } from '@holdfast/api';
import { setUpAdministrator, signInAdministrator } from '../e2e/support/administrator.ts';
import { type Computer, createComputer } from '../e2e/support/agent-process.ts';
import { createHome, startHoldfast } from '../e2e/support/holdfast-process.ts';
import { listDescendants, type RunningProcess, stopAllProcesses } from '../e2e/support/running-process.ts';
import { until } from '../e2e/support/until.ts';
import { readCpuMs, readResidentBytes, readShareOfBytes, readWrittenBytes } from './process-figures.ts';
import { type Figure, medianOf, printFigures, readOption } from './report.ts';
import { startSubject } from './subject.ts';

// What Holdfast costs while nothing happens, and how soon it shows what does: programs as `npm start` runs them, real agents, an
// idle runtime in the same run. Where a network of its own can be made, the bytes of an idle agent are counted on it.
//
// npm run bench -- footprint [--agents 21] [--rest 60]

const mebibyte = 2 ** 20;
const hourMs = 3_600_000;
const agents = readOption('agents', 21);
const restMs = readOption('rest', 60) * 1_000;

if (process.env['HOLDFAST_BENCH_NETWORK'] === undefined) process.exit(runInOwnNetwork());

/** The same again where only its own packets are counted, or here where that cannot be. */
function runInOwnNetwork(): number {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const canMake = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
  const [file = '', ...args] = canMake
    ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...self]
    : self;
  const env = { ...process.env, HOLDFAST_BENCH_NETWORK: canMake ? 'own' : 'shared' };
  return spawnSync(file, args, { stdio: 'inherit', env }).status ?? 1;
}

/** Both directions of everything that was sent since the network exists. */
async function readSentBytes(): Promise<number> {
  const line = /^\s*lo:(.*)$/m.exec(await readFile('/proc/self/net/dev', 'utf8'))?.[1] ?? '';
  return Number(line.trim().split(/\s+/u)[8]);
}

async function sum(pids: readonly number[], read: (pid: number) => Promise<number>): Promise<number> {
  const values = await Promise.all(pids.map(async (pid) => await read(pid).catch(() => 0)));
  return values.reduce((total, value) => total + value, 0);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map(async (name) => await sizeOf(join(path, name))));
  return sizes.reduce((total, size) => total + size, 0);
}

const figures: Figure[] = [];
const note = (name: string, value: number, unit: string): void => void figures.push({ name, value, unit });
const home = await createHome();
try {
  const first = await startHoldfast({ home: home.path, isAsStarted: true });
  const setup = await setUpAdministrator(first.origin, first.setupLink ?? '');
  const findLocal = async () => (await setup.client.call(listDevices, {})).devices[0];
  await until('the device is online', async () =>
    (await findLocal())?.presence.status === 'online' ? true : undefined,
  );
  setup.close();
  await first.stop();

  const startedAt = performance.now();
  const restartedAt = Date.now();
  const server = await startHoldfast({ home: home.path, port: first.port, isAsStarted: true });
  note('second start until ready', (performance.now() - startedAt) / 1_000, 's');
  const { client, close } = await signInAdministrator(server.origin);
  const listAll = async () => (await client.call(listDevices, {})).devices;
  await until('the device is online again', async () => {
    const [device] = await listAll();
    const isBack = Date.parse(device?.presence.lastSeenAt ?? '') > restartedAt;
    return device?.presence.status === 'online' && isBack ? true : undefined;
  });
  note('second start until this computer is online', (performance.now() - startedAt) / 1_000, 's');

  await delay(20_000);
  const serverPid = server.findProgram('server') ?? 0;
  const agentPid = server.findProgram('agent') ?? 0;
  {
    const sent = await readSentBytes();
    const written = await readWrittenBytes(agentPid);
    const cpuMs = await readCpuMs(agentPid);
    await delay(restMs);
    if (process.env['HOLDFAST_BENCH_NETWORK'] === 'own')
      note('agent, bytes both ways', (((await readSentBytes()) - sent) / restMs) * (hourMs / 1_000), 'kB/h');
    const writtenSince = (await readWrittenBytes(agentPid)) - written;
    note('agent, written to disk', (writtenSince / restMs) * (hourMs / 1_000), 'kB/h');
    note('agent, share of a core', (((await readCpuMs(agentPid)) - cpuMs) / restMs) * 100, '%');
  }
  note('agent, resident', (await readResidentBytes(agentPid)) / mebibyte, 'MiB');
  note('agent, its share of that', (await readShareOfBytes(agentPid)) / mebibyte, 'MiB');
  const idle = await startSubject('./idle.subject.ts');
  note('bare runtime, resident', (await readResidentBytes(Number(idle.facts['pid']))) / mebibyte, 'MiB');
  await idle.stop();
  const installed = ['../apps/agent/dist', '../.runtime/package/bin/node'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  note(
    'agent and its runtime, on disk',
    (await sum(
      installed.map((_, index) => index),
      (index) => sizeOf(installed[index] ?? ''),
    )) / 1e6,
    'MB',
  );

  const results: number[] = [];
  const [local] = await listAll();
  for (let count = 0; count < 20; count += 1) {
    const clickedAt = performance.now();
    const { id } = await client.call(issueCommand, {
      body: { type: 'upload-logs', parameters: {}, targets: { deviceIds: [local?.id ?? ''] } },
    });
    await until('the command has ended', async () =>
      (await client.call(getCommand, { params: { commandId: id } })).counts.succeeded === 1
        ? true
        : undefined,
    );
    results.push(performance.now() - clickedAt);
  }
  note('command, from click to result, median', medianOf(results), 'ms');
  note('the slowest of twenty', Math.max(...results), 'ms');

  const { tokenString } = await client.call(createEnrolmentToken, {
    body: {
      name: 'Benchmark',
      groupId: local?.groupId ?? '',
      maxUses: agents,
      expiresInMs: hourMs,
      isApprovalNeeded: false,
    },
  });
  const computers: { readonly computer: Computer; readonly process: RunningProcess }[] = [];
  for (let index = 2; index <= agents; index += 1) {
    const computer = await createComputer({ home: home.path, name: `pc${index}` });
    await computer.enrol(tokenString);
    computers.push({ computer, process: computer.run() });
  }
  await until(
    'all are online',
    async () => {
      const devices = await listAll();
      return devices.filter(({ presence }) => presence.status === 'online').length === agents
        ? true
        : undefined;
    },
    120_000,
  );
  await delay(30_000);
  {
    const all = listDescendants(server.pid);
    const database = all.filter(({ commandLine }) => commandLine.includes('postgres')).map(({ pid }) => pid);
    const cpuMs = await readCpuMs(serverPid);
    const databaseMs = new Map(
      await Promise.all(database.map(async (pid) => [pid, await readCpuMs(pid)] as const)),
    );
    const launcherMs = await readCpuMs(server.pid);
    await delay(restMs);
    note(
      `server with ${agents} agents, share of a core`,
      (((await readCpuMs(serverPid)) - cpuMs) / restMs) * 100,
      '%',
    );
    note(
      'its database',
      ((await sum(database, async (pid) => (await readCpuMs(pid)) - (databaseMs.get(pid) ?? 0))) / restMs) *
        100,
      '%',
    );
    note('its launcher', (((await readCpuMs(server.pid)) - launcherMs) / restMs) * 100, '%');
    note('server, resident', (await readResidentBytes(serverPid)) / mebibyte, 'MiB');
    note('its launcher, resident', (await readResidentBytes(server.pid)) / mebibyte, 'MiB');
    note(
      'its database, resident, shared pages once',
      (await sum(database, readShareOfBytes)) / mebibyte,
      'MiB',
    );
    const every = [server.pid, serverPid, ...database];
    note('all three, shared pages once', (await sum(every, readShareOfBytes)) / mebibyte, 'MiB');
  }
  for (const minute of [1, 2, 3]) {
    for (const until = performance.now() + 60_000; performance.now() < until; ) {
      await listAll();
      await delay(50);
    }
    note(
      `server after ${minute} min of a list 20 times a second`,
      (await readResidentBytes(serverPid)) / mebibyte,
      'MiB',
    );
  }

  const [victim] = computers;
  if (victim !== undefined) {
    const killedAt = performance.now();
    victim.process.child.kill('SIGKILL');
    await until(
      'the console shows that an agent was killed',
      async () =>
        (await listAll()).some(
          ({ name, presence }) => name === victim.computer.name && presence.status !== 'online',
        )
          ? true
          : undefined,
      180_000,
    );
    note('agent killed, nobody watches over it: shown after', (performance.now() - killedAt) / 1_000, 's');
  }
  close();
  await server.stop();
  printFigures(`Footprint, ${agents} agents, each part watched for ${restMs / 1_000} s`, figures);
} finally {
  await stopAllProcesses();
  await home.remove();
}
