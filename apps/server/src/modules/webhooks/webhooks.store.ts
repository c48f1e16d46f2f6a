import { foldName } from '@holdfast/kernel';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { WebhookMessage } from './webhook-message.ts';
import { createMessageGone } from './webhooks.errors.ts';
import './webhooks.tables.ts';

export type WebhookState = 'active' | 'paused' | 'disabled';

/** A webhook as it is stored, with the names of its group. */
export interface WebhookRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly patterns: readonly string[];
  /** What the one who chose them might read then. */
  readonly permissions: readonly string[];
  /** The administrator who did; null where nobody is known. */
  readonly chosenBy: string | null;
  readonly groupId: string | null;
  /** Null without a group, and while it lies in the recycle bin or is gone. */
  readonly groupNames: readonly string[] | null;
  readonly allowsPrivate: boolean;
  readonly sealedSecret: Uint8Array;
  readonly previousSealedSecret: Uint8Array | null;
  readonly previousSecretUntil: Date | null;
  readonly state: WebhookState;
  readonly disabledReason: string | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly createdBy: string;
}

// The directory's table, for the name of the place.
const WEBHOOK = sql`
  select w.id, w.name, w.url, w.event_patterns as patterns, w.permissions, w.chosen_by as "chosenBy", w.group_id as "groupId",
    g.names as "groupNames", w.allows_private as "allowsPrivate", w.sealed_secret as "sealedSecret",
    w.previous_sealed_secret as "previousSealedSecret", w.previous_secret_until as "previousSecretUntil", w.state,
    w.disabled_reason as "disabledReason", w.revision, w.created_at as "createdAt", w.created_by as "createdBy"
  from webhook w left join directory_group g on g.id = w.group_id and g.removed_item_id is null`;

/** By name. */
export async function listWebhookRows(db: Database): Promise<WebhookRow[]> {
  const { rows } = await sql<WebhookRow>`${WEBHOOK} order by w.name_key`.execute(db);
  return rows;
}

export async function findWebhookRow(db: Database, id: string): Promise<WebhookRow | undefined> {
  const { rows } = await sql<WebhookRow>`${WEBHOOK} where w.id = ${id}`.execute(db);
  return rows[0];
}

/** Locked until the transaction ends. */
export async function lockWebhook(transaction: Transaction, id: string): Promise<WebhookRow | undefined> {
  const { rows } = await sql<WebhookRow>`${WEBHOOK} where w.id = ${id} for update of w`.execute(transaction);
  return rows[0];
}

/** Two that are created at once are counted one after the other. */
export async function countWebhooksInTurn(transaction: Transaction): Promise<number> {
  await sql`lock table webhook in share row exclusive mode`.execute(transaction);
  const { rows } = await sql<{ count: number }>`select count(*) as count from webhook`.execute(transaction);
  return rows[0]?.count ?? 0;
}

/** What an administrator says of a webhook. */
export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly patterns: readonly string[];
  readonly permissions: readonly string[];
  readonly chosenBy: string | null;
  readonly groupId: string | null;
  readonly allowsPrivate: boolean;
}

export async function insertWebhook(
  transaction: Transaction,
  webhook: WebhookSettings & Pick<WebhookRow, 'id' | 'sealedSecret' | 'createdAt' | 'createdBy'>,
): Promise<void> {
  await sql`
    insert into webhook (id, name, name_key, url, event_patterns, permissions, chosen_by, group_id, allows_private,
      sealed_secret, created_at, created_by)
    values (${webhook.id}, ${webhook.name}, ${foldName(webhook.name)}, ${webhook.url}, ${[...webhook.patterns]}::text[],
      ${[...webhook.permissions]}::text[], ${webhook.chosenBy}, ${webhook.groupId}, ${webhook.allowsPrivate},
      ${Buffer.from(webhook.sealedSecret)}, ${webhook.createdAt}, ${webhook.createdBy})`.execute(transaction);
}

export async function saveWebhook(
  transaction: Transaction,
  id: string,
  settings: WebhookSettings,
): Promise<void> {
  await change(
    transaction,
    id,
    sql`name = ${settings.name}, name_key = ${foldName(settings.name)}, url = ${settings.url},
      event_patterns = ${[...settings.patterns]}::text[], permissions = ${[...settings.permissions]}::text[],
      chosen_by = ${settings.chosenBy}, group_id = ${settings.groupId}, allows_private = ${settings.allowsPrivate}`,
  );
}

export async function saveState(
  transaction: Transaction,
  id: string,
  state: WebhookState,
  reason: string | null,
): Promise<void> {
  await change(transaction, id, sql`state = ${state}, disabled_reason = ${reason}`);
}

export async function saveSecret(
  transaction: Transaction,
  id: string,
  sealedSecret: Uint8Array,
  previousUntil: Date,
): Promise<void> {
  await change(
    transaction,
    id,
    sql`sealed_secret = ${Buffer.from(sealedSecret)}, previous_sealed_secret = sealed_secret,
      previous_secret_until = ${previousUntil}`,
  );
}

async function change(transaction: Transaction, id: string, values: RawBuilder<unknown>): Promise<void> {
  await sql`update webhook set ${values}, revision = revision + 1 where id = ${id}`.execute(transaction);
}

/** With what was delivered. */
export async function deleteWebhook(transaction: Transaction, id: string): Promise<void> {
  await sql`delete from webhook where id = ${id}`.execute(transaction);
}

export interface DeliveryRow {
  readonly id: string;
  readonly messageId: string;
  readonly kind: 'events' | 'test' | 'repeat';
  readonly eventCount: number;
  readonly eventTypes: readonly string[];
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

const DELIVERY = sql`id, message_id as "messageId", kind, event_count as "eventCount", event_types as "eventTypes",
  started_at as "startedAt", duration_ms as "durationMs", status, error`;

/** So many of each webhook are kept. */
const MAX_DELIVERIES = 100;

/** Writes down what came of a message, and forgets the oldest. A webhook that is gone has no deliveries any more. */
export async function recordDelivery(
  db: Database,
  webhookId: string,
  delivery: DeliveryRow,
  body: string,
): Promise<void> {
  await sql`
    insert into webhook_delivery (id, webhook_id, message_id, kind, event_count, event_types, body, started_at,
      duration_ms, status, error)
    select ${delivery.id}::uuid, w.id, ${delivery.messageId}, ${delivery.kind}, ${delivery.eventCount}::integer,
      ${[...delivery.eventTypes]}::text[], ${body}, ${delivery.startedAt}::timestamptz, ${delivery.durationMs}::integer,
      ${delivery.status}::integer, ${delivery.error}
    from webhook w where w.id = ${webhookId}`.execute(db);
  await sql`
    delete from webhook_delivery where id in (
      select id from webhook_delivery where webhook_id = ${webhookId}
      order by started_at desc, id desc offset ${MAX_DELIVERIES}
    )`.execute(db);
}

/** Newest first. */
export async function listDeliveryRows(db: Database, webhookId: string): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select ${DELIVERY} from webhook_delivery where webhook_id = ${webhookId}
    order by started_at desc, id desc limit ${MAX_DELIVERIES}`.execute(db);
  return rows;
}

/** What was sent, to look at it or to send it again. @throws WebhookError WEBHOOK_DELIVERY_NOT_FOUND */
export async function getMessage(
  db: Database,
  webhookId: string,
  deliveryId: string,
): Promise<WebhookMessage> {
  const { rows } = await sql<WebhookMessage>`
    select message_id as id, body, event_count as "eventCount", event_types as "eventTypes"
    from webhook_delivery where webhook_id = ${webhookId} and id = ${deliveryId}`.execute(db);
  const [message] = rows;
  if (message === undefined) throw createMessageGone();
  return message;
}
