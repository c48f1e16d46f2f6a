/**
 * The agent and the server as they are, over a network that loses, repeats, holds back and reorders calls and datagrams, with clocks
 * that leap, a server that is held up, and restarts of both, in any order. Set HOLDFAST_TEST_SEED to repeat the steps of a run;
 * what races in the system's sockets is not repeated.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { getCommand } from '@holdfast/api';
import { readSequences } from '@holdfast/server/src/testing/test-logs.ts';
import { callApi } from '@holdfast/server/src/testing/test-api.ts';
import fc from 'fast-check';
import { readAgentJournals } from './support/agent-journals.ts';
import { Weather } from './support/faulty-network.ts';
import { createSeededRandom } from './support/seeded-random.ts';
import { TroubledPair } from './support/troubled-pair.ts';

const RUNS = 3;
const HOUR_MS = 3_600_000;

const step = fc.oneof(
  fc.record({ do: fc.constant('weather' as const), kind: fc.constantFrom(...Object.values(Weather)) }),
  fc.record({ do: fc.constant('weather' as const), kind: fc.constant(Weather.rough) }),
  fc.record({ do: fc.constant('weather' as const), kind: fc.constant(Weather.rough) }),
  fc.record({ do: fc.constant('order' as const), type: fc.constantFrom('x-append', 'set-log-level') }),
  fc.record({ do: fc.constant('order' as const), type: fc.constant('x-append') }),
  fc.record({ do: fc.constant('log' as const), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('log' as const), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('pass' as const), byMs: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ do: fc.constant('pass' as const), byMs: fc.integer({ min: 0, max: 400_000 }) }),
  fc.record({ do: fc.constant('late' as const), byMs: fc.integer({ min: 0, max: 300_000 }) }),
  fc.record({ do: fc.constant('late' as const), byMs: fc.integer({ min: 0, max: 2_000 }) }),
  fc.record({ do: fc.constant('held-arrives' as const) }),
  fc.record({ do: fc.constant('server-leaps' as const), byMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }),
  fc.record({ do: fc.constant('agent-leaps' as const), byMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }),
  fc.record({ do: fc.constant('agent-moves' as const) }),
  fc.record({ do: fc.constant('agent-restarts' as const) }),
  fc.record({ do: fc.constant('server-restarts' as const), downMs: fc.integer({ min: 0, max: 300_000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Chance may never keep a device silent for long enough: this always does. */
const longSilence: Step[] = [
  { do: 'weather', kind: Weather.down },
  { do: 'pass', byMs: 400_000 },
];

async function take(pair: TroubledPair, it: Step): Promise<void> {
  switch (it.do) {
    case 'weather':
      pair.network.weather = it.kind;
      return;
    case 'order':
      return await pair.order(it.type);
    case 'log':
      return await pair.log(it.count);
    case 'pass':
      return await pair.pass(it.byMs);
    case 'late':
      return await pair.passLate(it.byMs);
    case 'held-arrives':
      return await pair.deliverHeld();
    case 'server-leaps':
      return await pair.leapServerClock(it.byMs);
    case 'agent-leaps':
      return pair.leapAgentClock(it.byMs);
    case 'agent-moves':
      return await pair.moveAgent();
    case 'agent-restarts':
      return await pair.restartAgent();
    case 'server-restarts':
      return await pair.restartServer(it.downMs);
  }
}

/** The network is well again, what it held back comes late, and everybody gets time. */
async function recover(pair: TroubledPair): Promise<void> {
  pair.network.weather = Weather.clear;
  await pair.deliverHeld();
  for (let round = 0; round < 60; round += 1) {
    await pair.pass(60_000);
    if (readAgentJournals(pair.agent.database).some(({ entryCount }) => entryCount > 0)) continue;
    const ends = await Promise.all(pair.commandIds.map((id) => findEnd(pair, id)));
    if (!ends.includes(undefined)) return;
  }
}

async function findEnd(pair: TroubledPair, commandId: string): Promise<string | undefined> {
  const { counts } = await callApi(pair.server, getCommand, { params: { commandId } });
  if (counts.succeeded === 1) return 'succeeded';
  return counts.failed === 1 ? 'failed' : undefined;
}

async function checkAll(pair: TroubledPair): Promise<void> {
  // First: a fault may well be why the rest fails.
  assert.deepEqual(pair.network.faults, []);
  assert.equal(new Set(pair.effects).size, pair.effects.length, 'no effect twice');
  for (const id of pair.commandIds) assert.equal(await findEnd(pair, id), 'succeeded', `command ${id}`);
  for (const { id, lastSequence, droppedCount } of readAgentJournals(pair.agent.database)) {
    const expected = Array.from({ length: lastSequence }, (_, index) => index + 1);
    assert.deepEqual(await readSequences(pair.server, pair.productNumber, id), expected);
    assert.equal(droppedCount, 0);
  }
  const { device } = await pair.findDevice();
  assert.equal(device.presence.status, 'online');
  assert.deepEqual(device.keyCopies, [], 'one computer is never taken for two');
}

async function live(t: TestContext, steps: readonly Step[], random: () => number): Promise<TroubledPair> {
  const pair = await TroubledPair.open(t, random);
  try {
    for (const it of steps) await take(pair, it);
    await recover(pair);
    await checkAll(pair);
    return pair;
  } finally {
    await pair.close();
  }
}

test('whatever the network, the clocks and the processes do: no effect twice, nothing lost, and nobody is called silent who was not', async (t) => {
  const random = createSeededRandom();
  t.diagnostic(`seed ${random.seed}`);
  const total = { calls: 0, datagrams: 0, commands: 0, entries: 0, online: 0, offline: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50, size: 'max' }), async (steps) => {
      const { network, model, commandIds, marks } = await live(t, steps, random.next);
      total.calls += network.carried.calls;
      total.datagrams += network.carried.datagrams;
      total.commands += commandIds.length;
      total.entries += marks.length;
      total.online += model.checks.online;
      total.offline += model.checks.offline;
    }),
    { numRuns: RUNS + 1, examples: [[longSilence]], seed: random.seed, endOnFailure: true },
  );
  t.diagnostic(JSON.stringify(total));
  assert.ok(total.online > 0, 'it was checked that a device that speaks is online');
  assert.ok(total.offline > 0, 'it was checked that a device that is silent is offline');
});
