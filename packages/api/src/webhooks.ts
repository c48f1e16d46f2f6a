import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Count, Instant, Name, oneOf, Revision, Uuid } from './scalars.ts';

/** How many webhooks a server has at most. */
export const maxWebhooks = 50;

/** A type of events (`device.moved`), all whose name begins alike (`device.*`), or all (`*`). */
export const EventPattern = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(\\*|[a-z0-9-]+(\\.[a-z0-9-]+)*\\.(\\*|[a-z0-9-]+))$',
});

/** What an administrator says of a webhook. */
const settings = {
  name: Name,
  /** `https` only, without credentials and fragment. */
  url: Type.String({ minLength: 1, maxLength: 2_000 }),
  /** What is sent. Types that the one who chose them may not read, then or now, are left out. */
  events: Type.Array(EventPattern, { minItems: 1, maxItems: 100 }),
  /** Only what concerns this group or one below it; null for everything. */
  groupId: Type.Union([Uuid, Type.Null()]),
  /** May reach addresses of private networks. Those of this very computer and of cloud metadata it never may. */
  allowsPrivate: Type.Boolean(),
};

export const Webhook = Type.Object({
  id: Uuid,
  ...settings,
  name: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  /** Names from below the top group; null without a group, and while it lies in the recycle bin or is gone. */
  groupPath: Type.Union([Type.Array(Type.String()), Type.Null()]),
  revision: Revision,
  /** `disabled` is what the server does to one that failed for too long, whose receiver said that it is gone, or whose events may not be read any more by the one who chose them. */
  state: oneOf(['active', 'paused', 'disabled'] as const),
  /** Why it is disabled. */
  disabledReason: Type.Union([Type.String(), Type.Null()]),
  /** Events that have not been delivered. */
  waiting: Count,
  deliveredAt: Type.Union([Instant, Type.Null()]),
  failingSince: Type.Union([Instant, Type.Null()]),
  attempts: Type.Integer({ minimum: 0 }),
  lastError: Type.Union([Type.String(), Type.Null()]),
  nextAttemptAt: Type.Union([Instant, Type.Null()]),
  /** When events were lost to it because they could be kept no longer; null if never. */
  missedAt: Type.Union([Instant, Type.Null()]),
  /** Until then messages carry a signature by the secret before this one too. */
  previousSecretUntil: Type.Union([Instant, Type.Null()]),
  createdAt: Instant,
  createdBy: Type.String(),
});
export type Webhook = Static<typeof Webhook>;

/** One message that was sent, or should have been. */
export const WebhookDelivery = Type.Object({
  id: Uuid,
  /** The same whenever the same message is sent. */
  messageId: Type.String(),
  kind: oneOf(['events', 'test', 'repeat'] as const),
  eventCount: Type.Integer({ minimum: 1 }),
  /** Types of the events, each once. */
  eventTypes: Type.Array(Type.String()),
  startedAt: Instant,
  durationMs: Type.Integer({ minimum: 0 }),
  isDelivered: Type.Boolean(),
  /** Of the receiver's answer; null when there was none. */
  status: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** What was sent, to the byte. Time and signature are made anew each time that it is sent, and are not kept. */
export const WebhookMessageText = Type.Object({
  /** The header `webhook-id`. */
  messageId: Type.String(),
  /** JSON, as it was signed. */
  body: Type.String(),
});
export type WebhookMessageText = Static<typeof WebhookMessageText>;

const WithSecret = Type.Object({
  webhook: Webhook,
  /** Shown once: `whsec_` and base64 of 32 bytes. */
  secret: Type.String(),
});

const tag = 'Webhooks';
const params = Type.Object({ webhookId: Uuid }, { additionalProperties: false });
const mayRead = { permission: 'settings:read' } as const;
const mayManage = { permission: 'settings:manage' } as const;

export const listWebhooks = defineRoute({
  name: 'listWebhooks',
  method: 'GET',
  path: '/api/v1/webhooks',
  tag,
  access: mayRead,
  summary: 'Webhooks, by name, and how each gets on',
  response: Type.Object({ webhooks: Type.Array(Webhook) }),
});
export const getWebhook = defineRoute({
  name: 'getWebhook',
  method: 'GET',
  path: '/api/v1/webhooks/:webhookId',
  tag,
  access: mayRead,
  summary: 'One webhook',
  params,
  response: Webhook,
});
export const createWebhook = defineRoute({
  name: 'createWebhook',
  method: 'POST',
  path: '/api/v1/webhooks',
  tag,
  status: 201,
  access: mayManage,
  summary: 'Create a webhook; it begins with what happens from now on, and the answer holds its secret once',
  body: Type.Object(settings, { additionalProperties: false }),
  response: WithSecret,
});
export const updateWebhook = defineRoute({
  name: 'updateWebhook',
  method: 'PATCH',
  path: '/api/v1/webhooks/:webhookId',
  tag,
  access: mayManage,
  summary: 'Change a webhook; what waits is delivered as it is now',
  params,
  body: Type.Object(
    {
      revision: Revision,
      name: Type.Optional(settings.name),
      url: Type.Optional(settings.url),
      events: Type.Optional(settings.events),
      groupId: Type.Optional(settings.groupId),
      allowsPrivate: Type.Optional(settings.allowsPrivate),
    },
    { additionalProperties: false },
  ),
  response: Webhook,
});
export const removeWebhook = defineRoute({
  name: 'removeWebhook',
  method: 'DELETE',
  path: '/api/v1/webhooks/:webhookId',
  tag,
  access: mayManage,
  summary: 'Remove a webhook; what waits for it is not delivered',
  params,
});
export const pauseWebhook = defineRoute({
  name: 'pauseWebhook',
  method: 'POST',
  path: '/api/v1/webhooks/:webhookId/pause',
  tag,
  access: mayManage,
  summary: 'Pause a webhook; events wait for it',
  params,
  response: Webhook,
});
export const resumeWebhook = defineRoute({
  name: 'resumeWebhook',
  method: 'POST',
  path: '/api/v1/webhooks/:webhookId/resume',
  tag,
  access: mayManage,
  summary: 'Go on with a webhook that is paused, disabled or failing, at once',
  params,
  body: Type.Object(
    {
      /** Leaves out what waits, and goes on with what happens from now on. */
      skipsWaiting: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  response: Webhook,
});
export const rotateWebhookSecret = defineRoute({
  name: 'rotateWebhookSecret',
  method: 'POST',
  path: '/api/v1/webhooks/:webhookId/rotate-secret',
  tag,
  access: mayManage,
  summary: 'Give a webhook another secret; for a day messages are signed by the old one too',
  params,
  response: WithSecret,
});
export const testWebhook = defineRoute({
  name: 'testWebhook',
  method: 'POST',
  path: '/api/v1/webhooks/:webhookId/test',
  tag,
  access: mayManage,
  summary: 'Send a test event now, whatever waits, and say what came of it',
  params,
  response: WebhookDelivery,
});
export const listWebhookDeliveries = defineRoute({
  name: 'listWebhookDeliveries',
  method: 'GET',
  path: '/api/v1/webhooks/:webhookId/deliveries',
  tag,
  access: mayRead,
  summary: 'The last hundred messages, newest first',
  params,
  response: Type.Object({ deliveries: Type.Array(WebhookDelivery) }),
});
export const getWebhookMessage = defineRoute({
  name: 'getWebhookMessage',
  method: 'GET',
  path: '/api/v1/webhooks/:webhookId/deliveries/:deliveryId/message',
  tag,
  access: mayRead,
  summary: 'What was sent, for callers who may read on everything what its events tell',
  params: Type.Object({ webhookId: Uuid, deliveryId: Uuid }, { additionalProperties: false }),
  response: WebhookMessageText,
});
export const repeatWebhookDelivery = defineRoute({
  name: 'repeatWebhookDelivery',
  method: 'POST',
  path: '/api/v1/webhooks/:webhookId/deliveries/:deliveryId/repeat',
  tag,
  access: mayManage,
  summary: 'Send the same message once more, with the same id, and say what came of it',
  params: Type.Object({ webhookId: Uuid, deliveryId: Uuid }, { additionalProperties: false }),
  response: WebhookDelivery,
});
