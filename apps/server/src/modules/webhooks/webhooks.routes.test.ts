import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BodyOf,
  createGroup,
  createWebhook,
  getWebhook,
  listAuditEntries,
  listEventSubscribers,
  listWebhookDeliveries,
  listWebhooks,
  maxWebhooks,
  pauseWebhook,
  removeGroup,
  planGroupRemoval,
  removeWebhook,
  getWebhookMessage,
  repeatWebhookDelivery,
  resumeWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Webhook,
} from '@holdfast/api';
import { sql } from 'kysely';
import { inTransaction } from '../../platform/database/index.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { type ReceivedMessage, startTestReceiver, type TestReceiver } from '../../testing/test-receiver.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

type Verify = (
  headers: ReceivedMessage['headers'],
  body: string,
  secret: string,
  nowMs: number,
) => ReceivedMessage['events'];

let server: TestServer;
let receiver: TestReceiver;
let lines: string[];
let names = 0;
beforeEach(async () => {
  lines = [];
  server = await startTestServer({
    onLogLine: (line) => lines.push(line),
    moduleOptions: { webhookRules: { allowsLoopback: true, timeoutMs: 5_000 } },
  });
  receiver = await startTestReceiver();
});
afterEach(async () => {
  await server.close();
  await receiver[Symbol.asyncDispose]();
});

const settings = (): BodyOf<typeof createWebhook> => ({
  name: 'Service desk',
  url: receiver.url,
  events: ['group.*'],
  groupId: null,
  allowsPrivate: false,
});

async function create(change: Partial<BodyOf<typeof createWebhook>> = {}) {
  return await callApi(server, createWebhook, { body: { ...settings(), ...change } });
}

async function makeGroup(parentId = TOP_GROUP_ID): Promise<string> {
  names += 1;
  return (await callApi(server, createGroup, { body: { parentId, name: `Group ${names}` } })).id;
}

async function read(webhook: Pick<Webhook, 'id'>): Promise<Webhook> {
  return await callApi(server, getWebhook, { params: { webhookId: webhook.id } });
}

// A loop without a pause takes the processor from whoever is waited for.
const LOOK_AGAIN_MS = 5;

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (; !(await isTrue()); await delay(LOOK_AGAIN_MS))
    assert.ok(performance.now() < deadline, 'it did not come in time');
}

/** The next attempt of a receiver that fails. */
async function retry(webhook: Webhook): Promise<void> {
  const { nextAttemptAt } = await read(webhook);
  assert.ok(nextAttemptAt !== null);
  server.clock.advance(Math.max(0, Date.parse(nextAttemptAt) - server.clock.now()));
  await server.ticks.run('events.dispatch');
}

async function untilAttempts(webhook: Webhook, attempts: number): Promise<void> {
  await until(async () => (await read(webhook)).attempts === attempts);
}

/** The example of the guide, as a reader would copy it. */
async function loadExample(): Promise<Verify> {
  const guide = await readFile(new URL('../../../../../docs/webhooks.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(guide)?.[1];
  assert.ok(code !== undefined);
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    readonly verifyWebhook: Verify;
  };
  return module.verifyWebhook;
}

test('what happens is sent in order, and the example of the guide verifies it', async () => {
  const { webhook, secret } = await create();
  const ids = [await makeGroup(), await makeGroup()];
  await until(async () => receiver.messages.flatMap((message) => message.events).length === 2);
  const verify = await loadExample();
  const [message] = receiver.messages;
  assert.ok(message !== undefined);
  const events = receiver.messages.flatMap((one) =>
    verify(one.headers, one.body, secret, server.clock.now()),
  );
  assert.deepEqual(
    events.map((event) => [event.type, event.object]),
    ids.map((id) => ['group.created', { kind: 'group', id }]),
  );
  assert.match(String(message.headers['webhook-id']), /^msg_[\w-]{27}$/);
  const nowMs = server.clock.now();
  assert.throws(() => verify(message.headers, `${message.body} `, secret, nowMs), /changed/);
  assert.throws(() => verify(message.headers, message.body, 'whsec_AAAA', nowMs), /changed/);
  assert.throws(() => verify(message.headers, message.body, secret, nowMs + 301_000), /too old/);
  assert.throws(() => verify(message.headers, message.body, secret, nowMs - 301_000), /too old/);
  await until(async () => (await read(webhook)).waiting.value === 0);
  const after = await read(webhook);
  assert.deepEqual([after.state, after.failingSince, after.attempts], ['active', null, 0]);
  assert.ok(after.deliveredAt !== null);
});

test('a message that fails is sent again, the same to the byte but for time and signature, and nothing overtakes it', async () => {
  const { webhook } = await create();
  receiver.status = 500;
  await makeGroup();
  await untilAttempts(webhook, 1);
  const failing = await read(webhook);
  assert.deepEqual(failing.failingSince, new Date(server.clock.now()).toISOString());
  assert.equal(failing.lastError, 'The receiver answered 500.');
  await makeGroup();
  await server.hearEvents();
  assert.equal((await read(webhook)).waiting.value, 2);
  await retry(webhook);
  await untilAttempts(webhook, 2);
  const [subscriber] = (await callApi(server, listEventSubscribers)).subscribers;
  assert.deepEqual(
    [subscriber?.title, subscriber?.state, subscriber?.waiting.value],
    ['Webhook Service desk', 'failing', 2],
  );
  receiver.status = 204;
  await retry(webhook);
  await until(async () => (await read(webhook)).waiting.value === 0);
  const [first, ...others] = receiver.messages;
  const [again, accepted, next] = others;
  assert.ok(first !== undefined && others.length === 3);
  // A receiver that remembers the ids of messages must not act twice, also when something else happened meanwhile.
  for (const message of [again, accepted]) {
    assert.equal(message?.body, first.body);
    assert.equal(message.headers['webhook-id'], first.headers['webhook-id']);
  }
  assert.notEqual(next?.headers['webhook-id'], first.headers['webhook-id']);
  assert.deepEqual(
    [first, next].map((message) => message?.events.map((event) => event.data['name'])),
    [[`Group ${names - 1}`], [`Group ${names}`]],
  );
  const { deliveries } = await callApi(server, listWebhookDeliveries, { params: { webhookId: webhook.id } });
  assert.deepEqual(
    deliveries.map((one) => [one.isDelivered, one.status]),
    [
      [true, 204],
      [true, 204],
      [false, 500],
      [false, 500],
    ],
  );
  assert.equal((await read(webhook)).failingSince, null);
});

test('a webhook that fails holds no other one up', async () => {
  await using other = await startTestReceiver();
  const { webhook } = await create();
  await create({ name: 'Other', url: other.url });
  receiver.status = 503;
  await makeGroup();
  await other.waitFor(1);
  await untilAttempts(webhook, 1);
  await makeGroup();
  await other.waitFor(2);
  assert.equal((await read(webhook)).waiting.value, 2);
});

test('after a day of failures a webhook is disabled, says why, and goes on where it was when it is told to', async () => {
  const { webhook } = await create();
  receiver.status = 500;
  await makeGroup();
  await untilAttempts(webhook, 1);
  server.clock.advance(24 * 3_600_000);
  await server.ticks.run('events.dispatch');
  await until(async () => (await read(webhook)).state === 'disabled');
  const disabled = await read(webhook);
  assert.equal(disabled.disabledReason, 'It failed for 24 hours. The last time: The receiver answered 500.');
  assert.equal(disabled.nextAttemptAt, null);
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'webhook.disabled' } });
  assert.equal(entries[0]?.actorKind, 'system');
  const before = receiver.messages.length;
  await makeGroup();
  server.clock.advance(3_600_000);
  await server.ticks.run('events.dispatch');
  assert.equal(receiver.messages.length, before);
  receiver.status = 200;
  const resumed = await callApi(server, resumeWebhook, { params: { webhookId: webhook.id }, body: {} });
  assert.deepEqual([resumed.state, resumed.disabledReason], ['active', null]);
  await until(async () => (await read(webhook)).waiting.value === 0);
  assert.deepEqual(
    receiver.messages.slice(before).map((message) => message.events.length),
    [1, 1],
  );
});

test('a clock that leaps between two failures disables no webhook', async () => {
  const { webhook } = await create();
  receiver.status = 500;
  await makeGroup();
  await untilAttempts(webhook, 1);
  server.clock.jump(400 * 24 * 3_600_000);
  server.clock.advance(2_000);
  await server.ticks.run('events.dispatch');
  await untilAttempts(webhook, 2);
  // It is tried for a third time, so that the second failure has been judged.
  server.clock.advance(10_000);
  await server.ticks.run('events.dispatch');
  await untilAttempts(webhook, 3);
  assert.equal((await read(webhook)).state, 'active');
});

test('a receiver that says it is gone is not asked again', async () => {
  const { webhook } = await create();
  receiver.status = 410;
  await makeGroup();
  await until(async () => (await read(webhook)).state === 'disabled');
  assert.match((await read(webhook)).disabledReason ?? '', /410/);
  server.clock.advance(600_000);
  await server.ticks.run('events.dispatch');
  assert.equal(receiver.messages.length, 1);
});

test('a webhook that pauses misses nothing, or leaves out what waits when it is told to', async () => {
  const { webhook } = await create();
  const params = { webhookId: webhook.id };
  await callApi(server, pauseWebhook, { params });
  await makeGroup();
  await server.hearEvents();
  assert.deepEqual(
    [(await read(webhook)).state, (await read(webhook)).waiting.value, receiver.messages.length],
    ['paused', 1, 0],
  );
  await callApi(server, resumeWebhook, { params, body: {} });
  await receiver.waitFor(1);
  await callApi(server, pauseWebhook, { params });
  await makeGroup();
  await server.hearEvents();
  await callApi(server, resumeWebhook, { params, body: { skipsWaiting: true } });
  const last = await makeGroup();
  await until(async () => (await read(webhook)).waiting.value === 0 && receiver.messages.length > 1);
  assert.deepEqual(
    receiver.messages.slice(1).flatMap((message) => message.events.map((event) => event.object.id)),
    [last],
  );
});

test('what waits when the server ends is sent after the next start', async () => {
  const { webhook } = await create();
  receiver.status = 500;
  const id = await makeGroup();
  await untilAttempts(webhook, 1);
  receiver.status = 204;
  server = await server.restart();
  await until(async () => (await read(webhook)).waiting.value === 0);
  assert.equal(receiver.messages.at(-1)?.events[0]?.object.id, id);
});

test('a webhook of a group hears what concerns it, also what leaves it, and nothing else', async () => {
  const berlin = await makeGroup();
  const paris = await makeGroup();
  await server.hearEvents();
  const { webhook } = await create({ groupId: berlin });
  assert.deepEqual(webhook.groupPath?.length, 1);
  await makeGroup(paris);
  const inner = await makeGroup(berlin);
  const params = { groupId: inner };
  const { planToken } = await callApi(server, planGroupRemoval, { params });
  await callApi(server, removeGroup, { params, body: { planToken } });
  await until(async () => receiver.messages.flatMap((message) => message.events).length === 2);
  assert.deepEqual(
    receiver.messages.flatMap((message) => message.events.map((event) => [event.type, event.object.id])),
    [
      ['group.created', inner],
      ['group.removed', inner],
    ],
  );
});

test('a webhook that is changed sends by its new settings, begins nothing anew, and is in the audit log', async () => {
  await using other = await startTestReceiver();
  const { webhook } = await create();
  await makeGroup();
  await receiver.waitFor(1);
  await until(async () => (await read(webhook)).waiting.value === 0);
  const params = { webhookId: webhook.id };
  const url = `${other.url}?token=hush`;
  const body = { revision: webhook.revision, url, name: 'Ticket desk' };
  const changed = await callApi(server, updateWebhook, { params, body });
  assert.deepEqual([changed.name, changed.url, changed.events], ['Ticket desk', url, ['group.*']]);
  assert.equal(await refusalOf(server, updateWebhook, { params, body }), 'WEBHOOK_CHANGED');
  const id = await makeGroup();
  await other.waitFor(1);
  assert.deepEqual(
    other.messages.flatMap((message) => message.events.map((event) => event.object.id)),
    [id],
  );
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'webhook.changed' } });
  const [entry] = entries;
  assert.ok(entry);
  const { before, after } = entry.details as Record<'before' | 'after', { readonly url: string }>;
  // More people read the audit log than settings.
  assert.deepEqual([before.url, after.url], [receiver.url, `${other.url}?…`]);
  await callApi(server, removeWebhook, { params });
  await makeGroup();
  await server.hearEvents();
  assert.deepEqual((await callApi(server, listWebhooks)).webhooks, []);
  assert.deepEqual((await callApi(server, listEventSubscribers)).subscribers, []);
  assert.equal(await refusalOf(server, getWebhook, { params }), 'WEBHOOK_NOT_FOUND');
});

test('events chosen later are told from then on, and not from before', async () => {
  const { webhook } = await create({ events: ['device.*'] });
  await makeGroup();
  await server.hearEvents();
  await callApi(server, updateWebhook, {
    params: { webhookId: webhook.id },
    body: { revision: 1, events: ['device.*', 'group.created'] },
  });
  const id = await makeGroup();
  await receiver.waitFor(1);
  assert.deepEqual(
    receiver.messages.flatMap((message) => message.events.map((event) => event.object.id)),
    [id],
  );
});

test('a test event goes out at once, and a message can be sent again with its id', async () => {
  const { webhook, secret } = await create();
  const params = { webhookId: webhook.id };
  await callApi(server, pauseWebhook, { params });
  const tested = await callApi(server, testWebhook, { params });
  assert.deepEqual(
    [tested.kind, tested.isDelivered, tested.status, tested.eventTypes],
    ['test', true, 204, ['webhook.tested']],
  );
  receiver.status = 500;
  const repeated = await callApi(server, repeatWebhookDelivery, {
    params: { ...params, deliveryId: tested.id },
  });
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'webhook.repeated' } });
  assert.equal(entries[0]?.objectId, webhook.id);
  assert.deepEqual(
    [repeated.kind, repeated.messageId, repeated.isDelivered, repeated.error],
    ['repeat', tested.messageId, false, 'The receiver answered 500.'],
  );
  const [first, second] = receiver.messages;
  const shown = await callApi(server, getWebhookMessage, { params: { ...params, deliveryId: tested.id } });
  assert.deepEqual(shown, { messageId: first?.headers['webhook-id'], body: first?.body });
  assert.equal(second?.body, first?.body);
  assert.equal(second?.headers['webhook-id'], first?.headers['webhook-id']);
  const verify = await loadExample();
  for (const message of receiver.messages) verify(message.headers, message.body, secret, server.clock.now());
  assert.equal((await read(webhook)).failingSince, null, 'a test is no failure of the webhook');
  const unknown = { ...params, deliveryId: webhook.id };
  assert.equal(
    await refusalOf(server, repeatWebhookDelivery, { params: unknown }),
    'WEBHOOK_DELIVERY_NOT_FOUND',
  );
  // Nor is it shown as one of another webhook.
  const { webhook: other } = await create({ name: 'Another' });
  const foreign = { webhookId: other.id, deliveryId: tested.id };
  assert.equal(await refusalOf(server, getWebhookMessage, { params: foreign }), 'WEBHOOK_DELIVERY_NOT_FOUND');
});

test('the last hundred messages are kept', async () => {
  const { webhook } = await create();
  const params = { webhookId: webhook.id };
  for (let count = 0; count < 103; count += 1) {
    server.clock.advance(5_001);
    await callApi(server, testWebhook, { params });
  }
  const { deliveries } = await callApi(server, listWebhookDeliveries, { params });
  assert.equal(deliveries.length, 100);
  const { rows } = await sql`select 1 from webhook_delivery`.execute(server.database.db);
  assert.equal(rows.length, 100);
});

test('nobody floods a receiver by hand', async () => {
  const { webhook } = await create();
  const params = { webhookId: webhook.id };
  await callApi(server, pauseWebhook, { params });
  const { id: deliveryId } = await callApi(server, testWebhook, { params });
  const repeat = { params: { ...params, deliveryId } };
  for (let count = 1; count < 20; count += 1) await callApi(server, repeatWebhookDelivery, repeat);
  assert.equal(await refusalOf(server, repeatWebhookDelivery, repeat), 'WEBHOOK_SENT_TOO_OFTEN');
  assert.equal(await refusalOf(server, testWebhook, { params }), 'WEBHOOK_SENT_TOO_OFTEN');
  assert.equal(receiver.messages.length, 20);
  const { webhook: other } = await create({ name: 'other' });
  await callApi(server, testWebhook, { params: { webhookId: other.id } });
  server.clock.advance(5_000);
  await callApi(server, testWebhook, { params });
});

test('another secret is shown once, and for a day messages are signed by both', async () => {
  const { webhook, secret: old } = await create();
  const params = { webhookId: webhook.id };
  const { secret, webhook: changed } = await callApi(server, rotateWebhookSecret, { params });
  assert.notEqual(secret, old);
  assert.equal(changed.previousSecretUntil, new Date(server.clock.now() + 24 * 3_600_000).toISOString());
  await callApi(server, testWebhook, { params });
  const verify = await loadExample();
  const [first] = receiver.messages;
  assert.ok(first !== undefined);
  for (const one of [old, secret]) verify(first.headers, first.body, one, server.clock.now());
  server.clock.advance(24 * 3_600_000);
  assert.equal((await read(webhook)).previousSecretUntil, null);
  await callApi(server, testWebhook, { params });
  const [, second] = receiver.messages;
  assert.ok(second !== undefined);
  verify(second.headers, second.body, secret, server.clock.now());
  assert.throws(() => verify(second.headers, second.body, old, server.clock.now()), /changed/);
});

test('no secret stands in an answer after the first, in the log, in the audit log or in the database', async () => {
  const { webhook, secret } = await create();
  const params = { webhookId: webhook.id };
  const rotated = await callApi(server, rotateWebhookSecret, { params });
  receiver.status = 500;
  await makeGroup();
  await untilAttempts(webhook, 1);
  await callApi(server, testWebhook, { params });
  const answers = [
    await callApi(server, listWebhooks),
    await read(webhook),
    await callApi(server, listWebhookDeliveries, { params }),
    await callApi(server, listAuditEntries, { query: {} }),
    await callApi(server, listEventSubscribers),
  ];
  const { rows } = await sql<{ text: string }>`
    select (select string_agg(w::text, ' ') from webhook w) || (select string_agg(e::text, ' ') from domain_event e)
      || (select string_agg(a::text, ' ') from audit_entry a) as text`.execute(server.database.db);
  const everything = [JSON.stringify(answers), lines.join('\n'), rows[0]?.text ?? ''];
  assert.ok(lines.some((line) => line.includes('a subscriber of events failed')));
  for (const one of [secret, rotated.secret]) {
    const bare = one.slice('whsec_'.length);
    const forms = [bare, Buffer.from(bare, 'base64').toString('hex'), Buffer.from(one).toString('hex')];
    for (const text of everything)
      for (const form of forms) assert.ok(!text.includes(form), 'a secret was found');
  }
});

test('addresses and events that make no sense are refused, and nothing is created', async () => {
  for (const [body, code] of [
    [{ url: 'http://example.org/' }, 'WEBHOOK_URL_INVALID'],
    [{ url: 'https://user:pass@example.org/' }, 'WEBHOOK_URL_INVALID'],
    [{ events: ['nothing.happened'] }, 'WEBHOOK_EVENT_UNKNOWN'],
    [{ events: ['device.*', 'nothing.*'] }, 'WEBHOOK_EVENT_UNKNOWN'],
    [{ events: [] }, 'REQUEST_INVALID'],
    [{ events: ['DROP TABLE'] }, 'REQUEST_INVALID'],
    [{ name: '\u200b' }, 'REQUEST_INVALID'],
    [{ groupId: '019aa000-0000-7000-8000-000000000001' }, 'GROUP_NOT_FOUND'],
  ] as const) {
    const input = { body: { ...settings(), ...body, events: [...(body.events ?? settings().events)] } };
    assert.equal(await refusalOf(server, createWebhook, input), code);
  }
  await create();
  assert.equal(
    await refusalOf(server, createWebhook, { body: { ...settings(), name: 'SERVICE desk' } }),
    'WEBHOOK_NAME_TAKEN',
  );
  assert.equal((await callApi(server, listWebhooks)).webhooks.length, 1);
});

test('there are so many webhooks and no more', async () => {
  for (let count = 0; count < maxWebhooks; count += 1) await create({ name: `Webhook ${count}` });
  assert.equal(await refusalOf(server, createWebhook, { body: settings() }), 'WEBHOOK_LIMIT_REACHED');
});

test('nobody hears by a webhook what they may not read', async () => {
  const as = server.actAs({ permissions: ['settings:read', 'settings:manage', 'directory:read'] });
  const named = { body: { ...settings(), events: ['log-entries.received'] }, as };
  assert.equal(await refusalOf(server, createWebhook, named), 'WEBHOOK_EVENT_NOT_ALLOWED');
  const { webhook } = await callApi(server, createWebhook, { body: { ...settings(), events: ['*'] }, as });
  await inTransaction(server.database.db, async (transaction) => {
    await server.app.platform.recordEvents(transaction, {
      type: 'administrator.enabled',
      objectId: webhook.id,
      data: { name: 'alice' },
    });
  });
  const id = await makeGroup();
  const told = () => receiver.messages.flatMap((message) => message.events);
  await until(async () => told().some((event) => event.object.id === id));
  assert.deepEqual(
    told().map((event) => event.type),
    ['webhook.created', 'group.created'],
  );
  const limited = server.actAs({ scope: new Set([id]) });
  assert.equal(
    await refusalOf(server, createWebhook, { body: settings(), as: limited }),
    'PERMISSION_DENIED',
  );
});

test('many events go out in messages of a hundred, in order', async () => {
  const { webhook } = await create();
  const params = { webhookId: webhook.id };
  await callApi(server, pauseWebhook, { params });
  await sql`
    insert into domain_event (id, type, object_kind, object_id, data, occurred_at)
    select gen_random_uuid(), 'group.renamed', 'group', (n % 7)::text,
      jsonb_build_object('from', 'a', 'to', n::text, 'path', array['b']::text[]), now()
    from generate_series(1, 2050) n`.execute(server.database.db);
  await server.ticks.run('events.dispatch');
  await callApi(server, resumeWebhook, { params, body: {} });
  await receiver.waitFor(21);
  assert.deepEqual(
    receiver.messages.map((message) => message.events.length),
    [...Array.from({ length: 20 }, () => 100), 50],
  );
  const told = receiver.messages.flatMap((message) =>
    message.events.map((event) => Number(event.data['to'])),
  );
  assert.deepEqual(
    told,
    Array.from({ length: 2_050 }, (_, index) => index + 1),
  );
});
