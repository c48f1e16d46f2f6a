import type { Webhook, WebhookDelivery } from '@holdfast/api';
import type { SubscriberState } from '../../platform/events/domain-events.ts';
import type { DeliveryRow, WebhookRow } from './webhooks.store.ts';

/** A webhook as administrators see it: how it is set up, and how its subscriber gets on. */
export function toWebhook(row: WebhookRow, state: SubscriberState | undefined, nowMs: number): Webhook {
  const isOldGood = row.previousSecretUntil !== null && nowMs < row.previousSecretUntil.getTime();
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    events: [...row.patterns],
    groupId: row.groupId,
    groupPath: row.groupNames === null ? null : [...row.groupNames],
    allowsPrivate: row.allowsPrivate,
    revision: row.revision,
    state: row.state,
    disabledReason: row.disabledReason,
    waiting: state?.waiting ?? { value: 0, isExact: true },
    deliveredAt: state?.handledAt?.toISOString() ?? null,
    failingSince: state?.failingSince?.toISOString() ?? null,
    attempts: state?.attempts ?? 0,
    lastError: state?.lastError ?? null,
    nextAttemptAt: row.state === 'active' ? (state?.nextAttemptAt?.toISOString() ?? null) : null,
    missedAt: state?.gapAt?.toISOString() ?? null,
    previousSecretUntil: isOldGood ? (row.previousSecretUntil?.toISOString() ?? null) : null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
  };
}

export function toDelivery(row: DeliveryRow): WebhookDelivery {
  const { startedAt, eventTypes, ...rest } = row;
  return {
    ...rest,
    eventTypes: [...eventTypes],
    startedAt: startedAt.toISOString(),
    isDelivered: row.error === null,
  };
}
