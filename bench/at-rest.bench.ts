import { createHome, startHoldfast } from '../e2e/support/holdfast-process.ts';
import { setUpAdministrator, signInAdministrator } from '../e2e/support/administrator.ts';
import { until } from '../e2e/support/until.ts';
import { listDevices } from '@holdfast/api';
import { readCpuMs, readOwnBytes, readResidentBytes, readWrittenBytes } from './process-figures.ts';
import { printFigures } from './report.ts';
import { startSubject } from './subject.ts';

// What the main job costs while nothing happens: time from a second start to "online", memory of server and agent, the
// agent's share of a core and what it writes to the disk, beside an idle runtime in the same run.

const restMs = Number(process.env['HOLDFAST_BENCH_REST_MS'] ?? 60_000);
const settleMs = 10_000;
const mebibyte = 2 ** 20;

const home = await createHome();
try {
  const first = await startHoldfast({ home: home.path });
  const setup = await setUpAdministrator(first.origin, first.setupLink ?? '');
  await until('the device is online', async () => {
    const { devices } = await setup.client.call(listDevices, {});
    return devices[0]?.presence.status === 'online' ? true : undefined;
  });
  setup.close();
  await first.stop();

  const startedAt = performance.now();
  const restartedAt = Date.now();
  const second = await startHoldfast({ home: home.path, port: first.port });
  const readyMs = performance.now() - startedAt;
  const session = await signInAdministrator(second.origin);
  await until('the device is online again', async () => {
    const { devices } = await session.client.call(listDevices, {});
    const presence = devices[0]?.presence;
    return presence?.status === 'online' && Date.parse(presence.lastSeenAt ?? '') > restartedAt
      ? true
      : undefined;
  });
  const onlineMs = performance.now() - startedAt;
  session.close();

  const server = second.findProgram('server') ?? 0;
  const agent = second.findProgram('agent') ?? 0;
  const idle = await startSubject('./idle.subject.ts');
  // What a start brings with it is not rest: facts and log entries are delivered and forgotten within seconds.
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const before = await readCpuMs(agent);
  const writtenBefore = await readWrittenBytes(agent);
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const agentCpuMs = (await readCpuMs(agent)) - before;
  const agentWritten = (await readWrittenBytes(agent)) - writtenBefore;
  printFigures(`At rest, one device, heartbeats every 20 s, watched for ${restMs / 1000} s`, [
    { name: 'second start until ready', value: readyMs / 1000, unit: 's' },
    { name: 'second start until this computer is online', value: onlineMs / 1000, unit: 's' },
    { name: 'server, resident', value: (await readResidentBytes(server)) / mebibyte, unit: 'MiB' },
    { name: 'agent, resident', value: (await readResidentBytes(agent)) / mebibyte, unit: 'MiB' },
    {
      name: 'agent, of it no pages of files',
      value: (await readOwnBytes(agent)) / mebibyte,
      unit: 'MiB',
    },
    {
      name: 'bare runtime, resident',
      value: (await readResidentBytes(Number(idle.facts['pid']))) / mebibyte,
      unit: 'MiB',
    },
    { name: 'agent, share of a core', value: (agentCpuMs / restMs) * 100, unit: '%' },
    { name: 'agent, written to disk', value: (agentWritten / 1024 / restMs) * 3_600_000, unit: 'KiB/h' },
  ]);
  await idle.stop();
  await second.stop();
} finally {
  await home.remove();
}
