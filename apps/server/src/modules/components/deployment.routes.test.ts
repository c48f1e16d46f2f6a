import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type ComponentPlan,
  type ComponentRollout,
  changeComponentPlan,
  completeComponentRollout,
  createComponentPlan,
  createComponentSource,
  createGroup,
  listAuditEntries,
  listComponentDeployments,
  listComponentPlans,
  listComponentRollouts,
  lookAtComponentSource,
  type PlanStage,
  removeComponentPlan,
  resumeComponentRollout,
  setComponentDeployment,
  startComponentDownload,
  trustComponentSource,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { makeTestRepository } from '../../testing/test-repository.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

const ID = 'virus-patterns';
const HOUR_MS = 3_600_000;

interface Bench {
  readonly server: TestServer;
  /** A group with products in it. */
  readonly pilot: { readonly id: string; readonly products: readonly TestProduct[] };
  readonly rest: { readonly id: string; readonly products: readonly TestProduct[] };
  publish(release: number): Promise<void>;
}

async function startBench(t: TestContext): Promise<Bench> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'holdfast-deployment-'));
  const server = await startTestServer({ moduleOptions: { componentsFolder: home } });
  t.after(async () => {
    await server.close();
    await rm(home, { recursive: true, force: true });
  });
  const publisher = await makeTestRepository(t, server.clock);
  const body = { name: 'Drive', kind: 'folder', address: publisher.folder } as const;
  const { id: sourceId } = await callApi(server, createComponentSource, {
    body: { ...body, proxy: null, userName: null, proxyUserName: null },
  });
  const { fingerprint } = await callApi(server, lookAtComponentSource, { params: { sourceId } });
  await callApi(server, trustComponentSource, { params: { sourceId }, body: { fingerprint } });
  const makeGroup = async (name: string, count: number) => {
    const { id } = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } });
    const token = await createTestToken(server, { groupId: id });
    const products: TestProduct[] = [];
    for (let number = 0; number < count; number += 1)
      products.push(await new TestProduct(server, { name: `${name}-${number}` }).join(token));
    return { id, products };
  };
  return {
    server,
    pilot: await makeGroup('pilot', 2),
    rest: await makeGroup('rest', 2),
    async publish(release) {
      await publisher.publish(ID, release, `${release}\n`);
      await callApi(server, startComponentDownload, {});
      await server.ticks.run('jobs.turn');
      await server.app.jobs.settled();
    },
  };
}

const stage = (groupId: string, more: Partial<PlanStage> = {}): PlanStage => ({
  groupId,
  delayMinutes: 0,
  startTime: null,
  successPercent: 100,
  failurePercent: 49,
  ...more,
});

async function makePlan({ server }: Bench, stages: readonly PlanStage[]): Promise<ComponentPlan> {
  return await callApi(server, createComponentPlan, { body: { name: 'Pilot first', stages: [...stages] } });
}

async function deploy(
  { server }: Bench,
  mode: 'immediately' | 'never' | 'by-plan',
  planId: string | null = null,
) {
  return await callApi(server, setComponentDeployment, {
    params: { componentId: ID },
    body: { mode, planId },
  });
}

/** What a product says of itself, and what it is told not to go beyond. */
async function report(
  { server }: Bench,
  product: TestProduct | undefined,
  state: { readonly release?: number; readonly failedAt?: number },
): Promise<number | undefined> {
  const { release, failedAt } = state;
  const component = {
    component: ID,
    changedAt: server.clock.now(),
    state: failedAt === undefined ? 'up-to-date' : 'failed',
    ...(release === undefined ? {} : { release }),
    ...(failedAt === undefined ? {} : { target: failedAt, code: 'COMPONENT_REFUSED' }),
  };
  const answer = await server.call(
    { method: 'PUT', url: mcpPath.componentStates, payload: { components: [component] } },
    product?.bearer,
  );
  assert.equal(answer.statusCode, 200, answer.body);
  const { ceilings } = answer.json<{ ceilings: { component: string; release: number }[] }>();
  return ceilings.find((one) => one.component === ID)?.release;
}

async function newestRollout({ server }: Bench): Promise<ComponentRollout> {
  const [rollout] = (await callApi(server, listComponentRollouts)).rollouts;
  assert.ok(rollout !== undefined);
  return rollout;
}

test('without a rule everybody may have the newest; with "never" nobody gets what comes later', async (t) => {
  const bench = await startBench(t);
  await bench.publish(1);
  assert.equal(await report(bench, bench.pilot.products[0], { release: 1 }), undefined);
  assert.equal((await deploy(bench, 'never')).allowedRelease, 1);
  // Before there is a newer one: a product that asks now may meet one whose files come in between.
  assert.equal(await report(bench, bench.pilot.products[0], { release: 1 }), 1);
  await bench.publish(2);
  assert.equal(await report(bench, bench.pilot.products[0], { release: 1 }), 1);
  await deploy(bench, 'immediately');
  assert.equal(await report(bench, bench.pilot.products[0], { release: 1 }), undefined);
  const { deployments } = await callApi(bench.server, listComponentDeployments);
  assert.deepEqual(deployments, [
    { componentId: ID, mode: 'immediately', planId: null, allowedRelease: null },
  ]);
});

test('a release goes from stage to stage: the next waits for its time and for those before it', async (t) => {
  const bench = await startBench(t);
  const { server, pilot, rest } = bench;
  await bench.publish(1);
  const plan = await makePlan(bench, [stage(pilot.id), stage(rest.id, { delayMinutes: 20 })]);
  await deploy(bench, 'by-plan', plan.id);
  for (const product of [...pilot.products, ...rest.products]) await report(bench, product, { release: 1 });
  await bench.publish(2);
  assert.equal(await report(bench, pilot.products[0], { release: 1 }), 1, 'not before the first turn');
  await server.ticks.run('components.rollouts');
  assert.equal(await report(bench, pilot.products[0], { release: 1 }), 2);
  assert.equal(await report(bench, rest.products[0], { release: 1 }), 1);

  server.clock.advance(25 * 60_000);
  await report(bench, pilot.products[0], { release: 2 });
  await server.ticks.run('components.rollouts');
  assert.equal(await report(bench, rest.products[0], { release: 1 }), 1, 'one of the pilots is missing');
  await report(bench, pilot.products[1], { release: 2 });
  await server.ticks.run('components.rollouts');
  const running = await newestRollout(bench);
  assert.deepEqual(
    running.stages.map(({ groupName, devices, updated, begunAt, passedAt }) => ({
      groupName,
      devices,
      updated,
      hasBegun: begunAt !== null,
      hasPassed: passedAt !== null,
    })),
    [
      { groupName: 'pilot', devices: 2, updated: 2, hasBegun: true, hasPassed: true },
      { groupName: 'rest', devices: 2, updated: 0, hasBegun: true, hasPassed: false },
    ],
  );
  assert.equal(await report(bench, rest.products[0], { release: 2 }), 2);
  await report(bench, rest.products[1], { release: 2 });
  await server.ticks.run('components.rollouts');
  assert.equal((await newestRollout(bench)).state, 'done');
  const { deployments } = await callApi(server, listComponentDeployments);
  assert.equal(deployments[0]?.allowedRelease, 2);
});

test('a rollout that fails on too many stops, says so, and goes on only when somebody lets it', async (t) => {
  const bench = await startBench(t);
  const { server, pilot, rest } = bench;
  await bench.publish(1);
  const plan = await makePlan(bench, [stage(pilot.id, { successPercent: 50 }), stage(rest.id)]);
  await deploy(bench, 'by-plan', plan.id);
  for (const product of [...pilot.products, ...rest.products]) await report(bench, product, { release: 1 });
  await bench.publish(2);
  await server.ticks.run('components.rollouts');
  await report(bench, pilot.products[0], { release: 1, failedAt: 2 });
  await server.ticks.run('components.rollouts');
  const { id: rolloutId, state } = await newestRollout(bench);
  assert.equal(state, 'stopped');
  const { rows: events } = await sql`
    select type from domain_event where type = 'component-rollout.stopped'`.execute(server.database.db);
  assert.equal(events.length, 1);
  // Also after a restart.
  const again = { ...bench, server: await server.restart() };
  t.after(() => again.server.close());
  await report(again, pilot.products[1], { release: 2 });
  await again.server.ticks.run('components.rollouts');
  assert.equal(await report(again, rest.products[0], { release: 1 }), 1);

  const params = { rolloutId };
  await callApi(again.server, resumeComponentRollout, { params });
  await again.server.ticks.run('components.rollouts');
  assert.equal(await report(again, rest.products[0], { release: 1 }), 2);
  assert.equal(await refusalOf(again.server, resumeComponentRollout, { params }), 'COMPONENT_ROLLOUT_OVER');
});

test('somebody may give a release to everybody at once', async (t) => {
  const bench = await startBench(t);
  const { server, pilot, rest } = bench;
  await bench.publish(1);
  const plan = await makePlan(bench, [stage(pilot.id, { delayMinutes: 600 })]);
  await deploy(bench, 'by-plan', plan.id);
  await bench.publish(2);
  assert.equal(await report(bench, rest.products[0], { release: 1 }), 1);
  const { id: rolloutId } = await newestRollout(bench);
  await callApi(server, completeComponentRollout, { params: { rolloutId } });
  assert.equal(await report(bench, rest.products[0], { release: 1 }), 2);
  const refused = await refusalOf(server, completeComponentRollout, { params: { rolloutId } });
  assert.equal(refused, 'COMPONENT_ROLLOUT_OVER');
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: ID } });
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['component-rollout.completed', 'component-deployment.changed'],
  );
});

test('a newer release takes the place of the one on its way, and those who had none of it wait for the new one', async (t) => {
  const bench = await startBench(t);
  const { server, pilot, rest } = bench;
  await bench.publish(1);
  const plan = await makePlan(bench, [stage(pilot.id), stage(rest.id)]);
  await deploy(bench, 'by-plan', plan.id);
  for (const product of [...pilot.products, ...rest.products]) await report(bench, product, { release: 1 });
  await bench.publish(2);
  await server.ticks.run('components.rollouts');
  await bench.publish(3);
  const { rollouts } = await callApi(server, listComponentRollouts);
  assert.deepEqual(
    new Map(rollouts.map(({ release, state }) => [release, state])),
    new Map([
      [2, 'replaced'],
      [3, 'running'],
    ]),
  );
  assert.equal(await report(bench, pilot.products[0], { release: 1 }), 1);
  await server.ticks.run('components.rollouts');
  assert.equal(await report(bench, pilot.products[0], { release: 1 }), 3);
  assert.equal(await report(bench, rest.products[0], { release: 1 }), 1);
});

test('a time of day is the first one after the arrival', async (t) => {
  const bench = await startBench(t);
  await bench.publish(1);
  const plan = await makePlan(bench, [stage(bench.pilot.id, { startTime: '03:30', delayMinutes: 5 })]);
  await deploy(bench, 'by-plan', plan.id);
  const arrivedAt = bench.server.clock.now();
  await bench.publish(2);
  const [first] = (await newestRollout(bench)).stages;
  const dueAt = new Date(first?.dueAt ?? '');
  assert.match(dueAt.toISOString(), /T03:30:00/);
  assert.ok(dueAt.getTime() > arrivedAt && dueAt.getTime() - arrivedAt <= 24 * HOUR_MS);
});

test('plans name groups that there are, have names of their own, and stay while they are used', async (t) => {
  const bench = await startBench(t);
  const { server, pilot } = bench;
  await bench.publish(1);
  const gone = stage('019aa000-0000-7000-8000-00000000dead');
  const create = (name: string, stages: PlanStage[]) =>
    refusalOf(server, createComponentPlan, { body: { name, stages } });
  assert.equal(await create('Pilot', [gone]), 'GROUP_NOT_FOUND');
  const plan = await makePlan(bench, [stage(pilot.id)]);
  assert.equal(await create('PILOT FIRST', [stage(pilot.id)]), 'COMPONENT_PLAN_NAME_TAKEN');
  const params = { planId: plan.id };
  await callApi(server, changeComponentPlan, { params, body: { revision: 1, name: 'Pilot' } });
  const stale = { params, body: { revision: 1, name: 'x' } };
  assert.equal(await refusalOf(server, changeComponentPlan, stale), 'COMPONENT_PLAN_CHANGED');
  await deploy(bench, 'by-plan', plan.id);
  assert.equal(await refusalOf(server, removeComponentPlan, { params }), 'COMPONENT_PLAN_IN_USE');
  await deploy(bench, 'never');
  await callApi(server, removeComponentPlan, { params });
  assert.deepEqual((await callApi(server, listComponentPlans)).plans, []);
  const unusable = { params: { componentId: ID }, body: { mode: 'by-plan', planId: null } } as const;
  assert.equal(await refusalOf(server, setComponentDeployment, unusable), 'COMPONENT_PLAN_UNUSABLE');
  const viewer = server.actAs({ permissions: ['components:read', 'components:manage'] });
  const denied = { ...unusable, body: { mode: 'never', planId: null }, as: viewer } as const;
  assert.equal(await refusalOf(server, setComponentDeployment, denied), 'PERMISSION_DENIED');
});
