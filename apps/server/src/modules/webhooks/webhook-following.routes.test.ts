/** Changes of one webhook at once: whatever came when, its subscriber does in the end what stands on disk. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import {
  type BodyOf,
  createGroup,
  createWebhook,
  getWebhook,
  listEventSubscribers,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  targetOf,
  updateWebhook,
  type Webhook,
} from '@holdfast/api';
import { sql } from 'kysely';
import { inTransaction } from '../../platform/database/index.ts';
import { callApi } from '../../testing/test-api.ts';
import { startTestReceiver, type TestReceiver } from '../../testing/test-receiver.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let receiver: TestReceiver;
let names = 0;
before(async () => {
  server = await startTestServer({
    moduleOptions: { webhookRules: { allowsLoopback: true, timeoutMs: 5_000 } },
  });
});
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(() => receiver[Symbol.asyncDispose]());
after(() => server.close());

async function create(): Promise<Webhook> {
  names += 1;
  const body = { name: `Webhook ${names}`, url: receiver.url, groupId: null, allowsPrivate: false };
  return (await callApi(server, createWebhook, { body: { ...body, events: ['group.*'] } })).webhook;
}

async function makeGroup(): Promise<string> {
  names += 1;
  return (await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: `Group ${names}` } }))
    .id;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (; !(await isTrue()); await immediate())
    assert.ok(performance.now() < deadline, 'it did not come in time');
}

async function read(webhook: Webhook): Promise<Webhook> {
  return await callApi(server, getWebhook, { params: { webhookId: webhook.id } });
}

/** A change by whoever has just looked; 409 when somebody was quicker, 404 when it is gone. */
async function change(
  webhook: Webhook,
  settings: Omit<BodyOf<typeof updateWebhook>, 'revision'>,
): Promise<number> {
  const params = { webhookId: webhook.id };
  const seen = await server.call({ method: 'GET', url: targetOf(getWebhook, params) }, server.actAs());
  if (seen.statusCode !== 200) return seen.statusCode;
  const payload = { revision: seen.json<Webhook>().revision, ...settings };
  const answer = await server.call(
    { method: 'PATCH', url: targetOf(updateWebhook, params), payload },
    server.actAs(),
  );
  return answer.statusCode;
}

async function act(
  webhook: Webhook,
  route: typeof pauseWebhook | typeof resumeWebhook | typeof removeWebhook | typeof rotateWebhookSecret,
): Promise<number> {
  const url = targetOf(route, { webhookId: webhook.id });
  const payload = route === resumeWebhook ? { payload: {} } : {};
  return (await server.call({ method: route.method, url, ...payload }, server.actAs())).statusCode;
}

const acceptable = new Set([200, 204, 404, 409]);

/**
 * One change after the other, of which the first is held up where it could write a place: until then it has read what it goes on
 * with, and then it goes on after the others.
 */
async function overtake(
  first: () => Promise<number>,
  others: readonly (() => Promise<number>)[],
): Promise<number[]> {
  const { db } = server.database;
  await sql`
    create or replace function wait_for_test() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(42); return new; end $$`.execute(db);
  await sql`
    create or replace trigger wait_for_test before insert on domain_event_subscriber for each row
    execute function wait_for_test()`.execute(db);
  try {
    const statuses: Promise<number>[] = [];
    await inTransaction(db, async (transaction) => {
      await sql`select pg_advisory_xact_lock(42)`.execute(transaction);
      for (const change of [first, ...others]) {
        let isOver = false;
        statuses.push(change().finally(() => (isOver = true)));
        await until(async () => isOver || (await countWaiting()) === statuses.length);
      }
    });
    return await Promise.all(statuses);
  } finally {
    await sql`drop trigger wait_for_test on domain_event_subscriber`.execute(db);
  }
}

async function countWaiting(): Promise<number> {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    server.database.db,
  );
  return rows.length;
}

test('a webhook that is paused while a change of it takes effect does not go on sending', async () => {
  const webhook = await create();
  const statuses = await overtake(
    () => change(webhook, { events: ['group.created'] }),
    [() => act(webhook, pauseWebhook)],
  );
  assert.deepEqual(statuses, [200, 200]);
  const [subscriber] = (await callApi(server, listEventSubscribers)).subscribers;
  assert.deepEqual([(await read(webhook)).state, subscriber?.state], ['paused', 'stopped']);
  await makeGroup();
  await server.hearEvents();
  assert.deepEqual(receiver.messages, []);
  await callApi(server, removeWebhook, { params: { webhookId: webhook.id } });
});

test('a webhook that is removed while a change of it takes effect is gone with its place', async () => {
  const webhook = await create();
  const statuses = await overtake(
    () => change(webhook, { events: ['group.created'] }),
    [() => act(webhook, removeWebhook)],
  );
  assert.ok(acceptable.has(statuses[0] ?? 0) && statuses[1] === 204, statuses.join(' '));
  assert.deepEqual((await callApi(server, listEventSubscribers)).subscribers, []);
  await makeGroup();
  await server.hearEvents();
  assert.deepEqual(receiver.messages, []);
});

test('a webhook that is changed while another change of it takes effect sends by the later one', async () => {
  const webhook = await create();
  const statuses = await overtake(
    () => change(webhook, { events: ['group.renamed'] }),
    [() => change(webhook, { events: ['group.created'] })],
  );
  assert.deepEqual(statuses, [200, 200]);
  const id = await makeGroup();
  await receiver.waitFor(1);
  assert.equal(receiver.messages[0]?.events[0]?.object.id, id);
  await callApi(server, removeWebhook, { params: { webhookId: webhook.id } });
});

test('whoever pauses, resumes and changes a webhook at once leaves it as it stands on disk', async () => {
  const webhook = await create();
  const toldTo = () => receiver.messages.flatMap((message) => message.events.map((event) => event.object.id));
  for (let round = 0; round < 8; round += 1) {
    const statuses = await Promise.all([
      act(webhook, round % 2 === 0 ? pauseWebhook : resumeWebhook),
      change(webhook, { events: ['group.renamed'] }),
      act(webhook, round % 2 === 0 ? resumeWebhook : pauseWebhook),
      change(webhook, { events: ['group.*'] }),
      act(webhook, rotateWebhookSecret),
      change(webhook, { events: ['group.created'] }),
    ]);
    for (const status of statuses) assert.ok(acceptable.has(status), statuses.join(' '));
    const { state, events } = await read(webhook);
    const [subscriber] = (await callApi(server, listEventSubscribers)).subscribers;
    assert.equal(subscriber?.state === 'stopped', state === 'paused', `${state}, ${subscriber?.state}`);
    const id = await makeGroup();
    await server.hearEvents();
    const isMeant = !events.includes('group.renamed');
    if (state === 'active' && isMeant) await until(async () => toldTo().includes(id));
    else assert.ok(!toldTo().includes(id), `${state} ${events.join(' ')}`);
    if (state === 'paused') {
      await act(webhook, resumeWebhook);
      if (isMeant) await until(async () => toldTo().includes(id));
    }
  }
  await callApi(server, removeWebhook, { params: { webhookId: webhook.id } });
});

test('whoever removes a webhook while others change it leaves nothing of it behind', async () => {
  for (let round = 0; round < 6; round += 1) {
    const webhook = await create();
    const statuses = await Promise.all([
      change(webhook, { events: ['group.renamed'] }),
      act(webhook, rotateWebhookSecret),
      act(webhook, removeWebhook),
      act(webhook, pauseWebhook),
      change(webhook, { events: ['group.created'] }),
      act(webhook, resumeWebhook),
    ]);
    for (const status of statuses) assert.ok(acceptable.has(status), statuses.join(' '));
    // Its place would hold back events for a month.
    assert.deepEqual((await callApi(server, listEventSubscribers)).subscribers, []);
  }
  await makeGroup();
  await server.hearEvents();
  assert.deepEqual(receiver.messages, []);
});

test('a webhook that is paused in the middle of a batch sends the rest when it goes on, and not before', async () => {
  const webhook = await create();
  receiver.status = 500;
  const first = await makeGroup();
  await until(async () => (await read(webhook)).attempts === 1);
  await act(webhook, pauseWebhook);
  receiver.status = 204;
  const count = receiver.messages.length;
  const second = await makeGroup();
  server.clock.advance(600_000);
  await server.ticks.run('events.dispatch');
  assert.equal(receiver.messages.length, count);
  await act(webhook, resumeWebhook);
  await until(async () => (await read(webhook)).waiting.value === 0);
  const told = receiver.messages.slice(count).map((message) => message.events.map(({ object }) => object.id));
  assert.deepEqual(told, [[first], [second]]);
  await callApi(server, removeWebhook, { params: { webhookId: webhook.id } });
});
