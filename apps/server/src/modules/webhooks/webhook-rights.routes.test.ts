/** A webhook tells no more than the one who chose its events may read: at that time, and now. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import {
  type BodyOf,
  changeRole,
  createApiKey,
  createGroup,
  createRole,
  createWebhook,
  deleteRole,
  getCurrentSession,
  getWebhook,
  listWebhookDeliveries,
  type Permission,
  getWebhookMessage,
  repeatWebhookDelivery,
  resumeWebhook,
  setAdministratorState,
  updateWebhook,
  type Webhook,
} from '@holdfast/api';
import { inTransaction } from '../../platform/database/index.ts';
import { signInFirstAdministrator, signInInvited } from '../../testing/test-administrators.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { assertRefused, type TestBrowser } from '../../testing/test-browser.ts';
import { startTestReceiver, type TestReceiver } from '../../testing/test-receiver.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

const SOME: readonly Permission[] = ['settings:read', 'settings:manage', 'directory:read'];
const MORE: readonly Permission[] = [...SOME, 'administrators:read'];

let server: TestServer;
let receiver: TestReceiver;
let names = 0;
beforeEach(async () => {
  server = await startTestServer({
    moduleOptions: { webhookRules: { allowsLoopback: true, timeoutMs: 5_000 } },
  });
  receiver = await startTestReceiver();
});
afterEach(async () => {
  await server.close();
  await receiver[Symbol.asyncDispose]();
});

function settings(change: Partial<BodyOf<typeof createWebhook>> = {}): BodyOf<typeof createWebhook> {
  names += 1;
  const rest = { url: receiver.url, groupId: null, allowsPrivate: false };
  return { name: `Webhook ${names}`, events: ['*'], ...rest, ...change };
}

async function read(webhook: Webhook): Promise<Webhook> {
  return await callApi(server, getWebhook, { params: { webhookId: webhook.id } });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (; !(await isTrue()); await immediate())
    assert.ok(performance.now() < deadline, 'it did not come in time');
}

/** Something for those who may read administrators, then something for those who may read the directory. */
async function happen(): Promise<void> {
  await inTransaction(server.database.db, async (transaction) => {
    await server.app.platform.recordEvents(transaction, {
      type: 'administrator.joined',
      objectId: 'somebody',
      data: { name: 'somebody' },
    });
  });
  names += 1;
  await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: `Group ${names}` } });
}

/** What it tells of {@link happen}. */
async function told(by: TestReceiver = receiver): Promise<string[]> {
  const types = () =>
    by.messages
      .flatMap((message) => message.events.map(({ type }) => type))
      .filter((type) => type === 'administrator.joined' || type === 'group.created');
  await until(() => types().includes('group.created'));
  return types();
}

test('whoever renames a webhook changes nothing of what it tells, whatever they may read', async () => {
  const few = server.actAs({ permissions: SOME });
  const narrow = (await callApi(server, createWebhook, { body: settings(), as: few })).webhook;
  await using other = await startTestReceiver();
  const wide = (await callApi(server, createWebhook, { body: settings({ url: other.url }) })).webhook;
  // As the console does it: everything is sent, and only the name is another one.
  for (const [webhook, as] of [
    [narrow, server.actAs()],
    [wide, few],
  ] as const) {
    const { url, events, groupId, allowsPrivate, revision } = webhook;
    const body = { url, events, groupId, allowsPrivate, revision, name: `${webhook.name}, renamed` };
    await callApi(server, updateWebhook, { params: { webhookId: webhook.id }, body, as });
  }
  await happen();
  assert.deepEqual(await told(), ['group.created']);
  assert.deepEqual(await told(other), ['administrator.joined', 'group.created']);
});

test('whoever sends events to another receiver does not read by it what they may not read, old messages neither', async () => {
  const { webhook } = await callApi(server, createWebhook, { body: settings() });
  await happen();
  await told();
  await until(async () => (await read(webhook)).waiting.value === 0);
  const few = server.actAs({ permissions: SOME });
  await using other = await startTestReceiver();
  const params = { webhookId: webhook.id };
  const named = (
    await callApi(server, createWebhook, { body: settings({ events: ['administrator.joined'] }) })
  ).webhook;
  const input = {
    params: { webhookId: named.id },
    body: { revision: named.revision, url: other.url },
    as: few,
  };
  assert.equal(await refusalOf(server, updateWebhook, input), 'WEBHOOK_EVENT_NOT_ALLOWED');
  await callApi(server, updateWebhook, {
    params,
    body: { revision: webhook.revision, url: other.url },
    as: few,
  });
  await happen();
  assert.deepEqual(await told(other), ['group.created']);
  const { deliveries } = await callApi(server, listWebhookDeliveries, { params, as: few });
  const secret = deliveries.find(({ eventTypes }) => eventTypes.includes('administrator.joined'));
  assert.ok(secret !== undefined);
  const again = { params: { ...params, deliveryId: secret.id }, as: few };
  assert.equal(await refusalOf(server, repeatWebhookDelivery, again), 'WEBHOOK_EVENT_NOT_ALLOWED');
  assert.equal(await refusalOf(server, getWebhookMessage, again), 'WEBHOOK_EVENT_NOT_ALLOWED');
  const open = deliveries.find(({ eventTypes }) => !eventTypes.includes('administrator.joined'));
  assert.ok(open !== undefined);
  const opened = await callApi(server, getWebhookMessage, {
    params: { ...params, deliveryId: open.id },
    as: few,
  });
  assert.ok(opened.body.includes(open.eventTypes[0] ?? assert.fail()));
});

/** Somebody with a role of these permissions on everything. */
async function inviteWith(
  first: TestBrowser,
  permissions: readonly Permission[],
): Promise<{ readonly browser: TestBrowser; readonly roleId: string; readonly id: string }> {
  const body = { name: 'Integrator', description: '', permissions: [...permissions] };
  const { id: roleId } = await first.call(createRole, { body });
  const browser = await signInInvited(server, first, 'bob', { roleId, groupId: null });
  // So that a webhook which is made next does not hear of that.
  await server.hearEvents();
  return { browser, roleId, id: (await browser.call(getCurrentSession)).id };
}

test('a role that is narrowed narrows what was chosen with it, also by an API key, until what is left is nothing', async () => {
  const first = await signInFirstAdministrator(server);
  const { browser, roleId } = await inviteWith(first, [...MORE, 'administrators:manage']);
  const key = await browser.call(createApiKey, { body: { name: 'deploy', permissions: [...MORE] } });
  const as = { authorization: `Bearer ${key.key}` };
  const { webhook } = await callApi(server, createWebhook, { body: settings(), as });
  await happen();
  assert.deepEqual(await told(), ['administrator.joined', 'group.created']);
  await until(async () => (await read(webhook)).waiting.value === 0);
  receiver.messages.length = 0;
  const role = { name: 'Integrator', description: '', permissions: [...SOME] };
  await first.call(changeRole, { params: { roleId }, body: { ...role, revision: 1 } });
  await happen();
  assert.deepEqual(await told(), ['group.created']);
  assert.equal((await read(webhook)).state, 'active');
  receiver.messages.length = 0;
  await first.call(deleteRole, { params: { roleId } });
  await happen();
  await until(async () => (await read(webhook)).state === 'disabled');
  assert.match((await read(webhook)).disabledReason ?? '', /may not read all of them any more/);
  assert.deepEqual(receiver.messages, []);
});

test('a webhook whose named events were lost to the one who chose them waits for somebody who may read them', async () => {
  const first = await signInFirstAdministrator(server);
  const { browser, id } = await inviteWith(first, MORE);
  const events = ['administrator.joined', 'group.created'];
  const { webhook } = await browser.call(createWebhook, { body: settings({ events }) });
  const params = { webhookId: webhook.id };
  await first.call(setAdministratorState, { params: { administratorId: id }, body: { state: 'disabled' } });
  await until(async () => (await read(webhook)).state === 'disabled');
  await happen();
  await server.hearEvents();
  assert.deepEqual(receiver.messages, []);
  assertRefused(await first.send(resumeWebhook, { params, body: {} }), 403, 'WEBHOOK_EVENT_NOT_ALLOWED');
  // Also after a restart nobody takes its word for what it may.
  server = await server.restart();
  assert.equal((await read(webhook)).state, 'disabled');
  const few = server.actAs({ permissions: SOME });
  const { revision } = await read(webhook);
  const body = { revision, events };
  assert.equal(
    await refusalOf(server, updateWebhook, { params, body, as: few }),
    'WEBHOOK_EVENT_NOT_ALLOWED',
  );
  await callApi(server, updateWebhook, { params, body });
  await callApi(server, resumeWebhook, { params, body: {} });
  assert.deepEqual(await told(), ['administrator.joined', 'group.created']);
});

test('grants that were taken behind the server count at its next start at the latest', async () => {
  const first = await signInFirstAdministrator(server);
  const { browser, roleId } = await inviteWith(first, MORE);
  const { webhook } = await browser.call(createWebhook, {
    body: settings({ events: ['administrator.joined'] }),
  });
  await server.database.db.deleteFrom('access_grant').where('role_id', '=', roleId).execute();
  server = await server.restart();
  assert.equal((await read(webhook)).state, 'disabled');
});
