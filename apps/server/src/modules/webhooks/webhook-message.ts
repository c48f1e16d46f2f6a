import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Secret } from '@holdfast/trust';
import type { HeardEvent } from '../../platform/events/domain-event.ts';

/** An event as receivers read it. */
export type SentEvent = Pick<
  HeardEvent<string, unknown>,
  'id' | 'type' | 'objectKind' | 'objectId' | 'groupIds' | 'data' | 'occurredAt'
>;

/** What is sent, to the byte. */
export interface WebhookMessage {
  readonly id: string;
  readonly body: string;
  readonly eventCount: number;
  /** Each once, in the order of the alphabet. */
  readonly eventTypes: readonly string[];
}

/**
 * A message with events in their order. Its id and its body follow from what it holds: the same events to the same webhook
 * make the same message, however often and after whatever crash they are sent; the subscriber sees to it that they come
 * together again.
 */
export function createMessage(webhookId: string, events: readonly SentEvent[]): WebhookMessage {
  const hash = createHash('sha256').update([webhookId, ...events.map((event) => event.id)].join(' '));
  return {
    id: `msg_${hash.digest('base64url').slice(0, 27)}`,
    eventCount: events.length,
    eventTypes: [...new Set(events.map((event) => event.type))].sort(),
    body: JSON.stringify({
      webhookId,
      events: events.map((event) => ({
        id: event.id,
        type: event.type,
        occurredAt: event.occurredAt.toISOString(),
        object: { kind: event.objectKind, id: event.objectId },
        groupIds: event.groupIds,
        data: event.data,
      })),
    }),
  };
}

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** As *Standard Webhooks* writes them: `whsec_` and base64. */
export function createWebhookSecret(): Secret {
  return new Secret(`${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`);
}

/**
 * The headers of *Standard Webhooks*: id, time and a signature by each secret over `id.timestamp.body`.
 *
 * @param secrets the present one, and for a while the one before it
 */
export function signMessage(
  { id, body }: Pick<WebhookMessage, 'id' | 'body'>,
  secrets: readonly Secret[],
  nowMs: number,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
