import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { deriveKey, KeyLabel, openSecret, sealSecret, type Secret } from '@holdfast/trust';
import type { Actor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { EventType, StoredEvent } from '../../platform/events/domain-event.ts';
import { toStorableText } from '../../platform/database/storable-text.ts';
import type { SubscriberTrouble } from '../../platform/events/subscription.ts';
import type { Platform } from '../../platform/platform.ts';
import { Turns } from '../../platform/turns.ts';
import { parseWebhookAddress } from './webhook-address.ts';
import { createMessage, signMessage, type WebhookMessage } from './webhook-message.ts';
import type { WebhookRightsFinder } from './webhook-rights.service.ts';
import { sendWebhookMessage } from './webhook-sender.ts';
import { WebhookSendError } from './webhooks.errors.ts';
import {
  type DeliveryRow,
  findWebhookRow,
  lockWebhook,
  recordDelivery,
  saveState,
  type WebhookRow,
} from './webhooks.store.ts';

export type WebhookPlatform = Pick<
  Platform,
  | 'database'
  | 'clock'
  | 'log'
  | 'ticks'
  | 'events'
  | 'recordEvents'
  | 'recordAuditEntry'
  | 'createId'
  | 'keys'
  | 'server'
>;

export interface WebhookRules {
  /** For development and tests: receivers on this very computer, also without TLS. */
  readonly allowsLoopback: boolean;
  readonly timeoutMs: number;
  /** For so long a receiver may fail, while the server runs, before its webhook is disabled. */
  readonly maxFailingMs: number;
}

export const defaultWebhookRules: WebhookRules = {
  allowsLoopback: false,
  timeoutMs: 10_000,
  maxFailingMs: 24 * 3_600_000,
};

/** Events of one message at most, and characters of one message at most unless a single event is larger. */
const MAX_EVENTS = 100;
const MAX_MESSAGE_CHARACTERS = 500_000;
const MAX_REASON_CHARACTERS = 500;
const RIGHTS_LAPSED =
  'Whoever chose its events may not read all of them any more. An administrator who may saves the webhook, and goes on with it.';

/** Sends what happens to the receivers of webhooks: each is a subscriber of its own, one message after the other. */
export class WebhookDelivery {
  readonly #platform: WebhookPlatform;
  readonly #rules: WebhookRules;
  readonly #rights: WebhookRightsFinder;
  readonly #key: KeyObject;
  readonly #turns = new Turns();
  /** Revision and types that the subscriber of each has. */
  readonly #followed = new Map<string, string>();
  /** Changed on disk, and their subscribers may not follow that yet. */
  readonly #behind = new Set<string>();

  constructor(platform: WebhookPlatform, rules: WebhookRules, rights: WebhookRightsFinder) {
    this.#platform = platform;
    this.#rules = rules;
    this.#rights = rights;
    this.#key = deriveKey(platform.keys.masterKey, KeyLabel.webhookSecret);
  }

  /** The name of the webhook's subscriber. */
  subscriberOf(webhookId: string): string {
    return `webhook.${webhookId}`;
  }

  seal(webhookId: string, secret: Secret): Uint8Array {
    return sealSecret(this.#key, webhookId, secret);
  }

  /**
   * Has the subscriber do what the webhook says on disk now; called after each change of it. Invariant: whatever was changed at
   * once, and in whatever order it was heard of, the last one to have a turn has read the last of the changes.
   */
  async follow(webhookId: string): Promise<void> {
    await this.#turns.take(webhookId, async () => {
      try {
        await this.#follow(webhookId);
        this.#behind.delete(webhookId);
      } catch (error) {
        this.#behind.add(webhookId);
        throw error;
      }
    });
  }

  /** From time to time: those that nobody could have followed, because the database was away, or whose change was not heard of. */
  async catchUp(): Promise<void> {
    for (const webhookId of this.#behind) await this.follow(webhookId);
  }

  async #follow(webhookId: string): Promise<void> {
    const { database, events } = this.#platform;
    const webhook = await findWebhookRow(database, webhookId);
    if (webhook === undefined) {
      await events.unsubscribe(this.subscriberOf(webhookId));
      this.#followed.delete(webhookId);
      return;
    }
    const { chosen, types, isLapsed } = await this.#rights.find(webhook);
    if (isLapsed && webhook.state === 'active') {
      await this.#disable(webhookId, RIGHTS_LAPSED);
      return await this.#follow(webhookId);
    }
    // For one that does not send everything waits that was chosen: somebody may go on with it who may read that.
    const heard = webhook.state === 'active' ? types : chosen;
    const state = JSON.stringify([webhook.revision, heard]);
    // What goes out at this moment is not cut off for nothing.
    if (this.#followed.get(webhookId) === state) return;
    await this.#subscribe(webhook, heard);
    this.#followed.set(webhookId, state);
  }

  async #subscribe(webhook: WebhookRow, types: readonly EventType[]): Promise<void> {
    const { id, groupId, name, state } = webhook;
    await this.#platform.events.subscribe(
      {
        name: this.subscriberOf(id),
        title: `Webhook ${name}`,
        filter: { types, groupId: groupId ?? undefined },
        batchSize: MAX_EVENTS,
        hasPlace: true,
        deliver: (batch, signal) => this.#deliver(webhook, batch, signal),
        // The place of the gap is shown, and nobody can be told more: what it held is gone.
        onGap: async () => {},
        onTrouble: (trouble) => this.#judgeTrouble(id, trouble),
      },
      { isPaused: state !== 'active' },
    );
  }

  /** Sends one message now and writes down what came of it; a failure is an outcome and no error. */
  async sendOnce(
    webhook: WebhookRow,
    message: WebhookMessage,
    kind: DeliveryRow['kind'],
  ): Promise<DeliveryRow> {
    const { delivery } = await this.#send(webhook, message, kind, new AbortController().signal);
    return delivery;
  }

  /** @param followed the webhook as it was when the subscriber began */
  async #deliver(followed: WebhookRow, batch: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    const webhook = await findWebhookRow(this.#platform.database, followed.id);
    const isSame = webhook?.revision === followed.revision;
    if (!isSame || !(await this.#rights.mayTell(webhook, typesOf(batch)))) {
      // Changed, paused, removed or without its rights a moment ago: by what it was nothing goes out any more. Whoever changed
      // that ends this, or the next turn of those that are behind; the batch waits at its place.
      this.#behind.add(followed.id);
      if (!signal.aborted) await once(signal, 'abort');
      signal.throwIfAborted();
    }
    for (const events of splitBatch(batch)) {
      const { failure } = await this.#send(followed, createMessage(followed.id, events), 'events', signal);
      if (failure !== undefined) throw failure;
    }
  }

  async #send(
    webhook: WebhookRow,
    message: WebhookMessage,
    kind: DeliveryRow['kind'],
    signal: AbortSignal,
  ): Promise<{ readonly delivery: DeliveryRow; readonly failure: WebhookSendError | undefined }> {
    const { clock, createId, database, server } = this.#platform;
    const startedAt = new Date(clock.now());
    const startedMs = clock.monotonic();
    const outcome = await this.#post(webhook, message, signal, server.version).then(
      (status) => ({ status, failure: undefined }),
      (failure: unknown) => {
        // Whoever stops the server in the middle of a message has not seen it fail.
        if (!(failure instanceof WebhookSendError) || signal.aborted) throw failure;
        return { status: failure.status, failure };
      },
    );
    const delivery: DeliveryRow = {
      id: createId(),
      messageId: message.id,
      kind,
      eventCount: message.eventCount,
      eventTypes: message.eventTypes,
      startedAt,
      durationMs: Math.max(0, Math.round(clock.monotonic() - startedMs)),
      status: outcome.status,
      error: outcome.failure?.message ?? null,
    };
    await recordDelivery(database, webhook.id, delivery, message.body);
    return { delivery, failure: outcome.failure };
  }

  async #post(
    webhook: WebhookRow,
    message: WebhookMessage,
    signal: AbortSignal,
    version: string,
  ): Promise<number> {
    const { allowsLoopback, timeoutMs } = this.#rules;
    return await sendWebhookMessage({
      url: parseWebhookAddress(webhook.url, { allowsLoopback }),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': `Holdfast/${version}`,
        ...signMessage(message, this.#secretsOf(webhook), this.#platform.clock.now()),
      },
      body: message.body,
      rules: { allowsPrivate: webhook.allowsPrivate, allowsLoopback },
      signal,
      timeoutMs,
    });
  }

  #secretsOf(webhook: WebhookRow): Secret[] {
    const { previousSealedSecret, previousSecretUntil, sealedSecret, id } = webhook;
    const isOldGood =
      previousSecretUntil !== null && this.#platform.clock.now() < previousSecretUntil.getTime();
    return [sealedSecret, ...(previousSealedSecret !== null && isOldGood ? [previousSealedSecret] : [])].map(
      (sealed) => openSecret(this.#key, id, sealed),
    );
  }

  /** After each failure: whether there is any use in trying again. */
  async #judgeTrouble(webhookId: string, trouble: SubscriberTrouble): Promise<'go-on' | 'stop'> {
    const isGone = trouble.cause instanceof WebhookSendError && trouble.cause.code === 'WEBHOOK_GONE';
    const isLong = trouble.failingMs >= this.#rules.maxFailingMs;
    if (!isGone && !isLong) return 'go-on';
    const hours = Math.round(this.#rules.maxFailingMs / 3_600_000);
    const reason = isGone ? trouble.error : `It failed for ${hours} hours. The last time: ${trouble.error}`;
    await this.#disable(webhookId, toStorableText(reason, MAX_REASON_CHARACTERS));
    return 'stop';
  }

  async #disable(webhookId: string, reason: string): Promise<void> {
    const { database, log, recordAuditEntry, recordEvents } = this.#platform;
    const actor: Actor = { kind: 'system', name: 'Holdfast' };
    await inTransaction(database, async (transaction) => {
      const webhook = await lockWebhook(transaction, webhookId);
      if (webhook?.state !== 'active') return;
      await saveState(transaction, webhookId, 'disabled', reason);
      const { name } = webhook;
      await recordEvents(transaction, {
        type: 'webhook.disabled',
        objectId: webhookId,
        data: { name, reason },
      });
      await recordAuditEntry(transaction, actor, {
        action: 'webhook.disabled',
        objectKind: 'webhook',
        objectId: webhookId,
        objectName: name,
        details: { reason },
      });
    });
    log.error({ webhook: webhookId, reason }, 'a webhook was disabled');
  }
}

function typesOf(batch: readonly StoredEvent[]): readonly string[] {
  return [...new Set(batch.map(({ type }) => type))];
}

/** In their order, each part small enough for one message. */
function splitBatch(batch: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] {
  const parts: StoredEvent[][] = [];
  let characters = 0;
  for (const event of batch) {
    const size = JSON.stringify(event.data).length;
    const last = parts.at(-1);
    if (last === undefined || characters + size > MAX_MESSAGE_CHARACTERS) {
      parts.push([event]);
      characters = size;
    } else {
      last.push(event);
      characters += size;
    }
  }
  return parts;
}
