import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '@holdfast/kernel';
import { eventually } from './testing/eventually.ts';
import { createRunningAgent } from './testing/running-agent.ts';
import { createSimulatedTime } from './testing/simulated-time.ts';

const HOUR_MS = 3_600_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function folderBytes(path: string): number {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

test('a day before a closed port costs a bounded number of attempts, and neither memory nor disk', async (t) => {
  const time = createSimulatedTime(systemClock.now());
  const { server, agent, home, codes } = await createRunningAgent(t, {
    clock: time.clock,
    timer: time.timer,
  });
  await server.stop();
  agent.start();
  const reach = (hours: number) =>
    eventually(`hour ${hours}`, () => time.clock.monotonic() >= hours * HOUR_MS, 120_000);
  await reach(2);
  const early = { heap: usedHeapBytes(), disk: folderBytes(home), attempts: time.waitsMs.length };
  await reach(24);
  const late = { heap: usedHeapBytes(), disk: folderBytes(home), attempts: time.waitsMs.length };
  t.diagnostic(JSON.stringify({ early, late, lines: codes().length }));

  // The waits have a mean of two and a half minutes when they have grown.
  assert.ok(late.attempts > 300 && late.attempts < 1_000, `${late.attempts} attempts`);
  assert.ok(Math.max(...time.waitsMs) <= 300_000);
  assert.ok(late.heap - early.heap < 2_000_000, `heap ${early.heap} → ${late.heap}`);
  assert.ok(late.disk < 3_000_000, `disk ${late.disk}`);
  assert.ok(codes().length < 50, 'repetitions are not logged');

  await server.start();
  await eventually('the server is found again', () => agent.loop.state.phase === 'connected');
});

test('a server that refuses, is busy or answers nonsense for hours costs a bounded number of attempts', async (t) => {
  const answers = [
    { status: 404, mediaType: 'application/problem+json', body: '{"code":"PRODUCT_UNKNOWN"}' },
    {
      status: 503,
      mediaType: 'application/problem+json',
      body: '{"code":"SERVER_BUSY","facts":{"retryAfterMs":0}}',
    },
    { status: 200, mediaType: 'text/html', body: '<html>' },
    { status: 401, mediaType: 'application/problem+json', body: '{"code":"ASSERTION_INVALID"}' },
  ];
  for (const { status, mediaType, body } of answers) {
    const time = createSimulatedTime(systemClock.now());
    const { server, agent } = await createRunningAgent(t, { clock: time.clock, timer: time.timer });
    server.state.faults.answer = () => ({ status, mediaType, body: Buffer.from(body) });
    agent.start();
    await eventually('three hours', () => time.clock.monotonic() >= 3 * HOUR_MS, 120_000);
    server.state.faults.answer = undefined;
    assert.ok(time.waitsMs.length < 150, `${time.waitsMs.length} attempts at ${body}`);
    await agent.stop();
  }
});
