import {
  createWebhook,
  type EventSubscriber,
  type EventTypeDescription,
  getWebhook,
  getWebhookMessage,
  listEventSubscribers,
  listEventTypes,
  listWebhookDeliveries,
  listWebhooks,
  pauseWebhook,
  removeWebhook,
  repeatWebhookDelivery,
  resumeWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Webhook,
  type WebhookDelivery,
} from '@holdfast/api';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, type World } from './world.ts';

const types: readonly EventTypeDescription[] = (
  [
    ['administrator.invited', 'Administrator invited', 'administrators:read'],
    ['api-key.created', 'API key created', 'administrators:read'],
    ['command-target.ended', 'Command ended at a product', 'commands:read'],
    ['command.issued', 'Command issued', 'commands:read'],
    ['device.created', 'Device created', 'directory:read'],
    ['device.moved', 'Device moved', 'directory:read'],
    ['device.removed', 'Device moved to the recycle bin', 'directory:read'],
    ['group.created', 'Group created', 'directory:read'],
    ['log-entries.received', 'Log entries received', 'logs:read'],
    ['presence.changed', 'Product came online or went offline', 'directory:read'],
    ['webhook.tested', 'Test event', 'settings:read'],
  ] as const
).map(([type, title, permission]) => ({
  type,
  title,
  permission,
  help: '',
  objectKind: type.slice(0, type.indexOf('.')),
}));

interface MockWebhook {
  webhook: Webhook;
  deliveries: WebhookDelivery[];
}

/** Three webhooks: one that works, one that fails, one that was disabled. None in an empty world. */
export function handleWebhooks({ handle }: RouteTable, world: World): void {
  const all = new Map<string, MockWebhook>();
  const id = (): string => world.random.uuid(world.now());
  const deliver = (kind: WebhookDelivery['kind'], part: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
    id: id(),
    messageId: `msg_${world.random.base64Url(20)}`,
    kind,
    eventCount: 1,
    eventTypes: ['webhook.tested'],
    startedAt: isoAt(world.now()),
    durationMs: 34,
    isDelivered: true,
    status: 204,
    error: null,
    ...part,
  });
  const add = (part: Partial<Webhook>, deliveries: WebhookDelivery[] = []): Webhook => {
    const webhook: Webhook = {
      id: id(),
      name: '',
      url: '',
      events: ['*'],
      groupId: null,
      groupPath: null,
      allowsPrivate: false,
      revision: 1,
      state: 'active',
      disabledReason: null,
      waiting: { value: 0, isExact: true },
      deliveredAt: null,
      failingSince: null,
      attempts: 0,
      lastError: null,
      nextAttemptAt: null,
      missedAt: null,
      previousSecretUntil: null,
      createdAt: isoAt(world.now() - 20 * 86_400_000),
      createdBy: 'admin',
      ...part,
    };
    all.set(webhook.id, { webhook, deliveries });
    return webhook;
  };
  const before = (ms: number): string => isoAt(world.now() - ms);
  if (world.devices.size > 0) {
    const [, group] = [...world.groups.values()].filter((one) => one.parentId !== null);
    add(
      {
        name: 'Service desk',
        url: 'https://desk.example.org/holdfast/incoming?source=production',
        events: ['presence.changed', 'device.*', 'log-entries.received'],
        groupId: group?.id ?? null,
        groupPath: group?.path ?? null,
        deliveredAt: before(42_000),
      },
      [
        deliver('events', { startedAt: before(42_000), eventTypes: ['presence.changed'] }),
        deliver('events', {
          startedAt: before(600_000),
          eventCount: 37,
          eventTypes: ['device.moved', 'presence.changed'],
          durationMs: 118,
        }),
        deliver('test', { startedAt: before(3_600_000), durationMs: 61 }),
      ],
    );
    add(
      {
        name: 'SIEM',
        url: 'https://siem.corp.example.org:8443/in',
        allowsPrivate: true,
        waiting: { value: 12_431, isExact: true },
        deliveredAt: before(5 * 3_600_000),
        failingSince: before(4 * 3_600_000),
        attempts: 55,
        lastError: 'The receiver was not reached (ECONNREFUSED).',
        nextAttemptAt: isoAt(world.now() + 130_000),
        previousSecretUntil: isoAt(world.now() + 9 * 3_600_000),
      },
      Array.from({ length: 14 }, (_, index) =>
        deliver('events', {
          startedAt: before(170_000 + index * 300_000),
          eventCount: 100,
          eventTypes: ['command-target.ended', 'device.moved', 'presence.changed'],
          durationMs: 3,
          isDelivered: false,
          status: null,
          error: 'The receiver was not reached (ECONNREFUSED).',
        }),
      ),
    );
    add({
      name: 'Old reporting script',
      url: 'https://scripts.example.org/7f2',
      events: ['command.*'],
      state: 'disabled',
      disabledReason: 'It failed for 24 hours. The last time: The receiver answered 503.',
      waiting: { value: 100_000, isExact: false },
      failingSince: before(26 * 3_600_000),
      attempts: 302,
      lastError: 'The receiver answered 503.',
      missedAt: before(3_600_000),
    });
  }
  const find = (webhookId: string): MockWebhook => {
    const found = all.get(webhookId);
    if (found === undefined) throw notFound();
    return found;
  };
  const change = (webhookId: string, part: Partial<Webhook>): Webhook => {
    const found = find(webhookId);
    found.webhook = { ...found.webhook, ...part, revision: found.webhook.revision + 1 };
    return found.webhook;
  };
  const secret = (): string => `whsec_${world.random.base64Url(43)}=`;
  const running = { state: 'active', disabledReason: null, failingSince: null, lastError: null } as const;
  const pathOf = (groupId: string | null | undefined): string[] | null =>
    world.groups.get(groupId ?? '')?.path ?? null;

  handle(listEventTypes, () => ({ types: [...types] }));
  const stateOf = ({ state, failingSince }: Webhook): EventSubscriber['state'] =>
    state !== 'active' ? 'stopped' : failingSince === null ? 'working' : 'failing';
  handle(listEventSubscribers, () => ({
    subscribers: [...all.values()].map(({ webhook }) => ({
      name: `webhook.${webhook.id}`,
      title: `Webhook ${webhook.name}`,
      state: stateOf(webhook),
      waiting: webhook.waiting,
      handledAt: webhook.deliveredAt,
      failingSince: webhook.failingSince,
      attempts: webhook.attempts,
      lastError: webhook.lastError,
      nextAttemptAt: webhook.nextAttemptAt,
      missedAt: webhook.missedAt,
    })),
  }));
  handle(listWebhooks, () => ({
    webhooks: [...all.values()]
      .map(({ webhook }) => webhook)
      .toSorted((one, other) => one.name.localeCompare(other.name)),
  }));
  handle(getWebhook, ({ params }) => find(params.webhookId).webhook);
  handle(createWebhook, ({ body }) => {
    if (!body.url.startsWith('https://')) {
      throw new Refusal(422, 'WEBHOOK_URL_INVALID', 'The address of the webhook must begin with https://.', {
        remedy: 'Copy the address from the receiver again.',
      });
    }
    const created = { ...body, groupPath: pathOf(body.groupId), createdAt: isoAt(world.now()) };
    return { webhook: add(created), secret: secret() };
  });
  handle(updateWebhook, ({ params, body: { revision: _revision, ...body } }) =>
    change(params.webhookId, { ...body, groupPath: pathOf(body.groupId) }),
  );
  handle(removeWebhook, ({ params }) => {
    all.delete(find(params.webhookId).webhook.id);
    return null;
  });
  handle(pauseWebhook, ({ params }) => change(params.webhookId, { state: 'paused' }));
  handle(resumeWebhook, ({ params }) =>
    change(params.webhookId, { ...running, attempts: 0, waiting: { value: 0, isExact: true } }),
  );
  handle(rotateWebhookSecret, ({ params }) => ({
    webhook: change(params.webhookId, { previousSecretUntil: isoAt(world.now() + 86_400_000) }),
    secret: secret(),
  }));
  const send = (webhookId: string, kind: WebhookDelivery['kind']): WebhookDelivery => {
    const { deliveries, webhook } = find(webhookId);
    const delivery =
      webhook.failingSince === null
        ? deliver(kind)
        : deliver(kind, { isDelivered: false, status: null, error: webhook.lastError });
    deliveries.unshift(delivery);
    return delivery;
  };
  handle(testWebhook, ({ params }) => send(params.webhookId, 'test'));
  handle(repeatWebhookDelivery, ({ params }) => send(params.webhookId, 'repeat'));
  handle(getWebhookMessage, ({ params }) => {
    const found = find(params.webhookId).deliveries.find(({ id: own }) => own === params.deliveryId);
    if (found === undefined) throw notFound();
    const events = found.eventTypes.map((type) => ({
      id: id(),
      type,
      occurredAt: found.startedAt,
      object: { kind: type.slice(0, type.indexOf('.')), id: id() },
      groupIds: [[...world.groups.keys()][0] ?? null],
      data: { name: 'desk-7', from: ['Berlin'], to: ['Berlin', 'Sales'] },
    }));
    return { messageId: found.messageId, body: JSON.stringify({ webhookId: params.webhookId, events }) };
  });
  handle(listWebhookDeliveries, ({ params }) => ({ deliveries: find(params.webhookId).deliveries }));
}
