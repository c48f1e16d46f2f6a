import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeMcpServer } from '@holdfast/testkit';
import { type AgentStatus } from './modules/status/index.ts';
import { runProgram, startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { finalReports, orderCommand, productOf } from './testing/fake-orders.ts';
import { createSmallDisk, whyNoSmallDisk } from './testing/small-disk.ts';

const DISK_FULL = 1;

test('on a disk without a byte left the agent starts, stays online, says so, and is well again when there is room', {
  skip: whyNoSmallDisk(),
}, async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const disk = await createSmallDisk(t, 6);
  const { mountsOf, path: home, outside } = disk;
  const run = async (...args: string[]) => await runProgram(args, { home, mountsOf });
  const status = async () => JSON.parse((await run('status', '--json')).stdout) as AgentStatus;
  const heartbeats = () => productOf(server).heartbeats;
  const troubles = () => productOf(server).activity.troubles ?? 0;
  const enrolled = await run('enroll', server.token);
  assert.equal(enrolled.code, 0, enrolled.stderr);

  disk.fill();
  const first = startAgentProcess(t, { home, mountsOf });
  await eventually('heartbeats', () => first.exitCode() !== null || heartbeats() >= 2);
  assert.equal(first.exitCode(), null, first.log());
  await eventually('the server is told', () => (troubles() & DISK_FULL) !== 0);
  assert.equal(first.log().split('STATE_DISK_FULL').length, 2, first.log());
  const told = await run('status');
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /^Running: +yes/mu);
  assert.match(told.stdout, /^Disk: +the volume of the state folder is full/mu);
  const check = await run('check');
  assert.equal(check.code, 1);
  assert.match(check.stdout, /^disk-space +FAILED/mu);
  // What was kept for such a day is enough to obey.
  const id = orderCommand(server, 'run-health-check');
  await eventually('the result', () => finalReports(server, id).length === 1);

  disk.free();
  await eventually('all is well', () => troubles() === 0);
  await eventually('it says so', () => first.log().includes('DISK_HAS_ROOM'));
  assert.equal((await status()).disk.isFull, false);
  assert.equal((await status()).process?.processId, first.processId);
  assert.ok(existsSync(join(outside, 'agent.reserve')));
  await first.kill('SIGTERM');

  // The reserve is gone as well, for example because somebody made room in a hurry.
  rmSync(join(outside, 'agent.reserve'));
  disk.fill();
  const before = heartbeats();
  const second = startAgentProcess(t, { home, mountsOf });
  await eventually('heartbeats', () => second.exitCode() !== null || heartbeats() >= before + 2);
  assert.equal(second.exitCode(), null, second.log());
  await eventually('the server is told', () => (troubles() & DISK_FULL) !== 0);
  const held = await run('status');
  assert.equal(held.code, 0, held.stderr);
  assert.match(held.stdout, /^Running: +yes/mu);
  assert.match(held.stdout, /^Disk: +the volume of the state folder is full/mu);
  disk.free();
  await eventually('all is well', () => troubles() === 0);
  await eventually('others can read', async () => (await status()).problem === null);
  await second.kill('SIGTERM');
  assert.deepEqual(
    readdirSync(outside).filter((name) => name.endsWith('.new')),
    [],
    'no part of a file is left',
  );
});

test('enrolling on a full disk says what is wrong, and works when there is room', {
  skip: whyNoSmallDisk(),
}, async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const disk = await createSmallDisk(t, 2);
  const { mountsOf, path: home } = disk;
  disk.fill();
  const refused = await runProgram(['enroll', server.token], { home, mountsOf });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /STATE_DISK_FULL/u);
  assert.doesNotMatch(refused.stderr, /defect|INTERNAL|\bat .*\.ts:/u);
  disk.free();
  const enrolled = await runProgram(['enroll', server.token], { home, mountsOf });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  assert.ok(readFileSync(join(disk.outside, 'agent.key'), 'utf8').length > 0);
  writeFileSync(join(disk.outside, 'mine'), '');
});
