/** An agent with nothing to do: its disk is left alone, and nothing is lost with it when it is killed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { type FakeMcpServer, startFakeMcpServer } from '@holdfast/testkit';
import type { AgentStatus } from './modules/status/index.ts';
import { startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { productOf } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createHastyTimer, createRunningAgent } from './testing/running-agent.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';

const readFolder = (home: string) =>
  readdirSync(home)
    .toSorted()
    .map((name) => {
      const path = join(home, name);
      const found = statSync(path, { bigint: true });
      const { mtimeNs, ctimeNs, size } = found;
      return { name, mtimeNs, ctimeNs, size, bytes: found.isFile() ? readFileSync(path, 'base64') : '' };
    });

/** All that a start brings with it is done. */
async function comesToRest(server: FakeMcpServer): Promise<void> {
  await eventually('the facts are delivered', () => server.state.inventory !== undefined);
  await beats(server, 2);
  await eventually('no log entry waits', () => productOf(server).waitingLogEntries === 0);
  await beats(server, 2);
}

async function beats(server: FakeMcpServer, count: number): Promise<void> {
  const before = productOf(server).heartbeats;
  await eventually(`${count} heartbeats`, () => productOf(server).heartbeats >= before + count, 30_000);
}

async function readStatus(home: string): Promise<NonNullable<AgentStatus['connection']>> {
  const { connection } = JSON.parse(
    (await runInProcess(['status', '--json'], { home })).stdout,
  ) as AgentStatus;
  assert.ok(connection);
  return connection;
}

for (const transport of ['udp-acknowledged', 'https']) {
  test(`fifty heartbeats by ${transport} leave no trace on the disk`, async (t) => {
    let passedMs = 0;
    const { server, agent, home } = await createRunningAgent(t, {
      timer: createHastyTimer(20),
      clock: {
        now: () => systemClock.now() + passedMs,
        monotonic: () => systemClock.monotonic() + passedMs,
      },
      prepare: ({ state }) => {
        state.faults.udpInward = transport !== 'https';
      },
    });
    agent.start();
    await comesToRest(server);
    assert.equal(agent.loop.state.transport, transport);
    const before = readFolder(home);
    for (let count = 0; count < 50; count++) {
      await beats(server, 1);
      // Less than what tells the agent that its clock differs from the server's.
      passedMs += 4_000;
      server.state.clockAheadMs = passedMs;
    }
    assert.deepEqual(readFolder(home), before);
  });
}

test('status knows the last heartbeat of a running agent, and that of a killed one only by half; the next one goes on', async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const home = createTemporaryFolder(t);
  assert.equal((await runInProcess(['enroll', server.token], { home })).code, 0);
  const agent = startAgentProcess(t, { home });
  await eventually('the product', () => server.state.products.size === 1);
  await comesToRest(server);

  const first = await readStatus(home);
  await beats(server, 3);
  const second = await readStatus(home);
  assert.equal(second.isLastContactExact, true);
  assert.ok(Date.parse(second.lastContactAt ?? '') >= Date.parse(first.lastContactAt ?? '') + 1_000);

  const { epoch, heartbeats } = productOf(server);
  await agent.kill('SIGKILL');
  const afterKill = await readStatus(home);
  assert.equal(afterKill.isLastContactExact, false);
  assert.ok(afterKill.lastContactAt !== null && afterKill.lastContactAt <= (second.lastContactAt ?? ''));
  const shown = (await runInProcess(['status'], { home })).stdout;
  assert.match(shown, /^Last contact: {3}\S+ or later$/mu);

  const next = startAgentProcess(t, { home });
  await eventually('another epoch', () => productOf(server).epoch > epoch);
  await eventually('heartbeats that count', () => productOf(server).heartbeats >= heartbeats + 2);
  assert.equal(await next.kill('SIGTERM'), 0, next.log());
  assert.equal((await readStatus(home)).isLastContactExact, true);
});
