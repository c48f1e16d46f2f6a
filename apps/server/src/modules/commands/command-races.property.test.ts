import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  type CommandTarget,
  commandStates,
  createGroup,
  getCommand,
  issueCommand,
  listCommandTargets,
} from '@holdfast/api';
import { mcpPath, ReportedState } from '@holdfast/protocol';
import fc from 'fast-check';
import { callApi } from '../../testing/test-api.ts';
import { send } from '../../testing/test-browser.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { isEnd, rankOf } from './command-state.ts';
import { listWaitingProducts } from './command-work.store.ts';

// Reports, claims, cancellations and the clock at the same time, whatever meets whatever.

let server: TestServer;
let groupId: string;
before(async () => {
  server = await startTestServer();
});
beforeEach(() => forgetFleet(server));
after(() => server.close());

const DAY_MS = 86_400_000;
const PRODUCTS = 3;

const product = fc.nat(PRODUCTS - 1);
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      product,
      state: fc.constantFrom(...Object.values(ReportedState)),
      percent: fc.nat(100),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const), product }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), isEverywhere: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  readonly fleet: readonly FleetDevice[];
  readonly commandId: string;
}

async function makeWorld(): Promise<World> {
  await forgetFleet(server);
  server.clock.advance(1_000);
  ({ id: groupId } = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'A' } }));
  const fleet = [
    ...(await insertFleet(server, { count: 1, groupId })),
    ...(await insertFleet(server, { count: 1 })),
    ...(await insertFleet(server, { count: 1, groupId, capabilityVersion: 1 })),
  ];
  const body = { type: 'collect-inventory', targets: { filter: {} }, expiresInMs: DAY_MS } as const;
  return { fleet, commandId: (await callApi(server, issueCommand, { body })).id };
}

async function happen({ fleet, commandId }: World, one: Event): Promise<void> {
  const call = async (url: string, payload: object, number: number): Promise<void> => {
    const caller = server.actAsProduct(fleet[number]?.productNumber ?? 0);
    const answer = await server.call({ method: 'POST', url, payload }, caller);
    assert.equal(answer.statusCode, 200, answer.body);
  };
  switch (one.kind) {
    case 'report': {
      const progress = one.state === 'running' ? { progress: { percent: one.percent } } : {};
      const reports = [{ commandId, state: one.state, at: server.clock.now(), ...progress }];
      return await call(mcpPath.commandReports, { reports }, one.product);
    }
    case 'claim':
      return await call(mcpPath.commandClaims, { max: 50 }, one.product);
    case 'cancel': {
      const caller = one.isEverywhere ? server.actAs() : server.actAs({ scope: new Set([groupId]) });
      const answer = await send(server, cancelCommand, { params: { commandId } }, caller);
      assert.equal(answer.statusCode, 200, answer.body);
      return;
    }
    case 'clock':
      server.clock.advance(DAY_MS * 0.7);
      await server.ticks.run('commands.expire');
  }
}

async function look({ commandId }: World): Promise<{ command: Command; targets: CommandTarget[] }> {
  const command = await callApi(server, getCommand, { params: { commandId } });
  const { targets } = await callApi(server, listCommandTargets, { params: { commandId }, query: {} });
  return { command, targets };
}

async function assertWhole(world: World, percentages: Map<string, number>): Promise<void> {
  const { command, targets } = await look(world);
  for (const { id, state, steps, progress } of targets) {
    const ranks = steps.map((step) => rankOf(step.state));
    assert.deepEqual(
      ranks,
      [...new Set(ranks)].toSorted((a, b) => a - b),
      'steps only go forward',
    );
    assert.equal(steps.at(-1)?.state, state);
    assert.equal(steps.filter((step) => isEnd(step.state)).length, isEnd(state) ? 1 : 0, 'one end');
    const percent = progress?.percent ?? 0;
    assert.ok(percent >= (percentages.get(id) ?? 0), 'progress never goes back');
    percentages.set(id, percent);
  }
  for (const state of commandStates) {
    const count = targets.filter((target) => target.state === state).length;
    assert.equal(command.counts[state], count, `${state} is counted exactly`);
  }
  // A product that has something to do is always told so; in doubt it is told for nothing.
  const waiting = await listWaitingProducts(server.database.db, { now: new Date(server.clock.now()) });
  for (const { productNumber } of waiting)
    assert.ok(server.app.modules.presence.areCommandsWaiting(productNumber), 'who has to come is told');
}

test('in every order, and at the same time, there is exactly one end, nothing goes back, and the counts are exact', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
      async (rounds) => {
        const world = await makeWorld();
        const percentages = new Map<string, number>();
        for (const round of rounds) {
          await Promise.all(round.map((one) => happen(world, one)));
          await assertWhole(world, percentages);
        }
        // Whatever is left, the clock ends it.
        for (let turn = 0; turn < 8; turn += 1) await happen(world, { kind: 'clock' });
        await assertWhole(world, percentages);
        const { targets } = await look(world);
        assert.ok(targets.every((target) => isEnd(target.state)));
      },
    ),
    { numRuns: 15 },
  );
});
