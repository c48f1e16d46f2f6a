import {
  type AuditAction,
  maxWebhooks,
  type Webhook,
  type WebhookDelivery as ContractDelivery,
  type WebhookMessageText,
} from '@holdfast/api';
import { type Actor, actorNameOf, requirePermission } from '../../platform/access/actor.ts';
import {
  type Database,
  inTransaction,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/index.ts';
import type { SubscriberState } from '../../platform/events/domain-events.ts';
import { TokenBuckets } from '../../platform/rate-limit/token-buckets.ts';
import { composeName } from '../../platform/http/composed-name.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { createGroupNotFound, type DirectoryModule } from '../directory/index.ts';
import { findUnknownPattern, TEST_EVENT } from './event-patterns.ts';
import { parseWebhookAddress } from './webhook-address.ts';
import type { WebhookDelivery, WebhookPlatform, WebhookRules } from './webhook-delivery.service.ts';
import { createMessage, createWebhookSecret } from './webhook-message.ts';
import type { WebhookChoice, WebhookRightsFinder } from './webhook-rights.service.ts';
import { toDelivery, toWebhook } from './webhook-view.ts';
import {
  createChanged,
  createLapsed,
  createEventUnknown,
  createLimitReached,
  createNotFound,
  createSentTooOften,
  WebhookError,
} from './webhooks.errors.ts';
import {
  countWebhooksInTurn,
  deleteWebhook,
  getMessage,
  findWebhookRow,
  insertWebhook,
  listDeliveryRows,
  listWebhookRows,
  lockWebhook,
  saveSecret,
  saveState,
  saveWebhook,
  type WebhookRow,
  type WebhookSettings,
} from './webhooks.store.ts';

/** Who asks for a change, and from where. */
export interface WebhookCaller {
  readonly actor: Actor;
  readonly request: RequestFacts;
}

export interface WebhookInput {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly groupId: string | null;
  readonly allowsPrivate: boolean;
}

export interface WebhookParts {
  readonly rights: WebhookRightsFinder;
  readonly delivery: WebhookDelivery;
  readonly directory: Pick<DirectoryModule, 'findGroupPath'>;
  readonly rules: Pick<WebhookRules, 'allowsLoopback'>;
}

/** After another secret was given, messages carry a signature by the old one for so long. */
const OLD_SECRET_MS = 24 * 3_600_000;

/** Of what somebody has sent to one receiver, by hand: enough to try it out and to repeat what was missed, too little to flood anybody. */
const PACE_BY_HAND = { burst: 20, perSecond: 0.2 };

/** Webhooks as administrators see them. They concern the whole organisation, as the events do. */
export class WebhookService {
  readonly #platform: WebhookPlatform;
  readonly #parts: WebhookParts;
  readonly #byHand: TokenBuckets;

  constructor({ platform, ...parts }: WebhookParts & { readonly platform: WebhookPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
    this.#byHand = new TokenBuckets(PACE_BY_HAND, platform.clock);
  }

  async list(actor: Actor): Promise<Webhook[]> {
    requirePermission(actor, 'settings:read');
    const rows = await listWebhookRows(this.#platform.database);
    const states = await this.#readStates();
    return rows.map((row) => this.#toContract(row, states));
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async get(actor: Actor, webhookId: string): Promise<Webhook> {
    requirePermission(actor, 'settings:read');
    return await this.#describe(webhookId);
  }

  /**
   * @throws WebhookError WEBHOOK_URL_INVALID, WEBHOOK_EVENT_UNKNOWN, WEBHOOK_EVENT_NOT_ALLOWED, WEBHOOK_NAME_TAKEN,
   *   WEBHOOK_LIMIT_REACHED; DirectoryError GROUP_NOT_FOUND
   */
  async create(
    caller: WebhookCaller,
    input: WebhookInput,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
    requirePermission(caller.actor, 'settings:manage');
    const { clock, createId, database, events } = this.#platform;
    const { delivery } = this.#parts;
    await this.#check(database, input);
    const choice = await this.#parts.rights.choose(database, caller.actor, input.events);
    const settings = { ...this.#normalise(input), ...choice };
    const id = createId();
    const secret = createWebhookSecret();
    await inTransaction(database, async (transaction) => {
      if ((await countWebhooksInTurn(transaction)) >= maxWebhooks) throw createLimitReached();
      await insertWebhook(transaction, {
        id,
        ...settings,
        sealedSecret: delivery.seal(id, secret),
        createdAt: new Date(clock.now()),
        createdBy: actorNameOf(caller.actor),
      });
      await events.place(transaction, delivery.subscriberOf(id));
      await this.#record(
        transaction,
        caller,
        'webhook.created',
        { id, name: settings.name },
        toDetails(settings),
      );
    }).catch(throwNameTaken);
    await delivery.follow(id);
    return { webhook: await this.#describe(id), secret: secret.reveal() };
  }

  /** @throws as `create`; WebhookError WEBHOOK_NOT_FOUND, WEBHOOK_CHANGED */
  async update(
    caller: WebhookCaller,
    webhookId: string,
    change: Partial<WebhookInput> & { readonly revision: number },
  ): Promise<Webhook> {
    requirePermission(caller.actor, 'settings:manage');
    const { revision, ...wanted } = change;
    await this.#change(webhookId, async (transaction, before) => {
      if (before.revision !== revision) throw createChanged(before.name);
      const { name, url, patterns, groupId, allowsPrivate } = before;
      const input = { name, url, events: patterns, groupId, allowsPrivate, ...wanted };
      await this.#check(transaction, input);
      const after = this.#normalise(input);
      const choice = await this.#parts.rights.rechoose(transaction, caller.actor, { before, after });
      const settings = { ...after, ...choice };
      await saveWebhook(transaction, webhookId, settings);
      await this.#record(
        transaction,
        caller,
        'webhook.changed',
        { id: webhookId, name: settings.name },
        {
          before: toDetails(before),
          after: toDetails(settings),
        },
      );
    });
    await this.#parts.delivery.follow(webhookId);
    return await this.#describe(webhookId);
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async remove(caller: WebhookCaller, webhookId: string): Promise<void> {
    requirePermission(caller.actor, 'settings:manage');
    const { delivery } = this.#parts;
    await this.#change(webhookId, async (transaction, webhook) => {
      await deleteWebhook(transaction, webhookId);
      await this.#platform.events.forget(transaction, delivery.subscriberOf(webhookId));
      await this.#record(transaction, caller, 'webhook.removed', webhook);
    });
    await delivery.follow(webhookId);
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async pause(caller: WebhookCaller, webhookId: string): Promise<Webhook> {
    requirePermission(caller.actor, 'settings:manage');
    await this.#change(webhookId, async (transaction, webhook) => {
      if (webhook.state !== 'active') return;
      await saveState(transaction, webhookId, 'paused', null);
      await this.#record(transaction, caller, 'webhook.paused', webhook);
    });
    await this.#parts.delivery.follow(webhookId);
    return await this.#describe(webhookId);
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND, WEBHOOK_EVENT_NOT_ALLOWED */
  async resume(
    caller: WebhookCaller,
    webhookId: string,
    options: { readonly skipsWaiting: boolean },
  ): Promise<Webhook> {
    requirePermission(caller.actor, 'settings:manage');
    const { delivery, rights } = this.#parts;
    await this.#change(webhookId, async (transaction, webhook) => {
      if ((await rights.find(webhook, transaction)).isLapsed) throw createLapsed(webhook.name);
      // Also of one that is active: its subscriber begins anew, and tries at once.
      await saveState(transaction, webhookId, 'active', null);
      await this.#platform.events.renew(transaction, delivery.subscriberOf(webhookId), options);
      if (webhook.state !== 'active' || options.skipsWaiting)
        await this.#record(transaction, caller, 'webhook.resumed', webhook, options);
    });
    await delivery.follow(webhookId);
    return await this.#describe(webhookId);
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async rotateSecret(
    caller: WebhookCaller,
    webhookId: string,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
    requirePermission(caller.actor, 'settings:manage');
    const secret = createWebhookSecret();
    const until = new Date(this.#platform.clock.now() + OLD_SECRET_MS);
    await this.#change(webhookId, async (transaction, webhook) => {
      await saveSecret(transaction, webhookId, this.#parts.delivery.seal(webhookId, secret), until);
      await this.#record(transaction, caller, 'webhook.secret-rotated', webhook);
    });
    await this.#parts.delivery.follow(webhookId);
    return { webhook: await this.#describe(webhookId), secret: secret.reveal() };
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async test(caller: WebhookCaller, webhookId: string): Promise<ContractDelivery> {
    requirePermission(caller.actor, 'settings:manage');
    const { clock, createId } = this.#platform;
    const webhook = await this.#find(webhookId);
    this.#countByHand(webhookId);
    const message = createMessage(webhookId, [
      {
        id: createId(),
        type: TEST_EVENT,
        objectKind: 'webhook',
        objectId: webhookId,
        groupIds: null,
        data: { name: webhook.name, testedBy: actorNameOf(caller.actor) },
        occurredAt: new Date(clock.now()),
      },
    ]);
    return toDelivery(await this.#parts.delivery.sendOnce(webhook, message, 'test'));
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND */
  async listDeliveries(actor: Actor, webhookId: string): Promise<ContractDelivery[]> {
    requirePermission(actor, 'settings:read');
    await this.#find(webhookId);
    return (await listDeliveryRows(this.#platform.database, webhookId)).map(toDelivery);
  }

  /** @throws WebhookError WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_EVENT_NOT_ALLOWED */
  async readMessage(actor: Actor, webhookId: string, deliveryId: string): Promise<WebhookMessageText> {
    requirePermission(actor, 'settings:read');
    const { id, body, eventTypes } = await getMessage(this.#platform.database, webhookId, deliveryId);
    this.#parts.rights.requireReadable(actor, eventTypes);
    return { messageId: id, body };
  }

  /** @throws WebhookError WEBHOOK_NOT_FOUND, WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_EVENT_NOT_ALLOWED */
  async repeat(caller: WebhookCaller, webhookId: string, deliveryId: string): Promise<ContractDelivery> {
    requirePermission(caller.actor, 'settings:manage');
    const webhook = await this.#find(webhookId);
    const message = await getMessage(this.#platform.database, webhookId, deliveryId);
    // The receiver may be another one by now, chosen by somebody who may read less.
    const chosen = message.eventTypes.filter((type) => type !== TEST_EVENT);
    if (!(await this.#parts.rights.mayTell(webhook, chosen))) throw createLapsed(webhook.name);
    this.#countByHand(webhookId);
    await inTransaction(this.#platform.database, async (transaction) => {
      await this.#recordAudit(transaction, caller, 'webhook.repeated', webhook, { messageId: message.id });
    });
    return toDelivery(await this.#parts.delivery.sendOnce(webhook, message, 'repeat'));
  }

  /** @throws WebhookError WEBHOOK_SENT_TOO_OFTEN */
  #countByHand(webhookId: string): void {
    const waitMs = this.#byHand.take(webhookId);
    if (waitMs === 0) return;
    throw createSentTooOften(waitMs);
  }

  /** @throws WebhookError WEBHOOK_URL_INVALID, WEBHOOK_EVENT_UNKNOWN; DirectoryError GROUP_NOT_FOUND */
  async #check(db: Database, { url, events, groupId }: WebhookInput): Promise<void> {
    parseWebhookAddress(url, this.#parts.rules);
    const unknown = findUnknownPattern(events, this.#platform.events.types);
    if (unknown !== undefined) {
      throw createEventUnknown(unknown);
    }
    if (groupId !== null && (await this.#parts.directory.findGroupPath(groupId, db)) === undefined)
      throw createGroupNotFound();
  }

  #normalise(input: WebhookInput): Omit<WebhookSettings, keyof WebhookChoice> {
    const { name, url, events, groupId, allowsPrivate } = input;
    return {
      name: composeName(name),
      url: parseWebhookAddress(url, this.#parts.rules).href,
      patterns: [...new Set(events)],
      groupId,
      allowsPrivate,
    };
  }

  async #change(
    webhookId: string,
    work: (transaction: Transaction, webhook: WebhookRow) => Promise<void>,
  ): Promise<void> {
    await inTransaction(this.#platform.database, async (transaction) => {
      const webhook = await lockWebhook(transaction, webhookId);
      if (webhook === undefined) throw createNotFound();
      await work(transaction, webhook);
    }).catch(throwNameTaken);
  }

  async #record(
    transaction: Transaction,
    caller: WebhookCaller,
    action: AuditAction,
    { id, name }: Pick<WebhookRow, 'id' | 'name'>,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const type = action === 'webhook.created' || action === 'webhook.removed' ? action : 'webhook.changed';
    await this.#platform.recordEvents(transaction, { type, objectId: id, data: { name } });
    await this.#recordAudit(transaction, caller, action, { id, name }, details);
  }

  async #recordAudit(
    transaction: Transaction,
    caller: WebhookCaller,
    action: AuditAction,
    { id, name }: Pick<WebhookRow, 'id' | 'name'>,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      caller.actor,
      { action, objectKind: 'webhook', objectId: id, objectName: name, details },
      caller.request,
    );
  }

  async #find(webhookId: string): Promise<WebhookRow> {
    const webhook = await findWebhookRow(this.#platform.database, webhookId);
    if (webhook === undefined) throw createNotFound();
    return webhook;
  }

  async #describe(webhookId: string): Promise<Webhook> {
    return this.#toContract(await this.#find(webhookId), await this.#readStates());
  }

  #toContract(row: WebhookRow, states: ReadonlyMap<string, SubscriberState>): Webhook {
    const state = states.get(this.#parts.delivery.subscriberOf(row.id));
    return toWebhook(row, state, this.#platform.clock.now());
  }

  async #readStates(): Promise<ReadonlyMap<string, SubscriberState>> {
    const states = await this.#platform.events.listSubscribers();
    return new Map(states.map((state) => [state.name, state]));
  }
}

/** What the audit log keeps of the settings. */
function toDetails({
  url,
  patterns,
  groupId,
  allowsPrivate,
}: Pick<WebhookSettings, 'url' | 'patterns' | 'groupId' | 'allowsPrivate'>): Readonly<
  Record<string, unknown>
> {
  return { url: withoutCredentials(url), events: patterns, groupId, allowsPrivate };
}

/** Receivers are sometimes told who calls by their address, and more people read the audit log than settings. */
function withoutCredentials(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function throwNameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw new WebhookError('WEBHOOK_NAME_TAKEN', 'There is a webhook with this name already.', {
    cause: error,
    remedy: 'Choose another name; capital letters make no difference.',
  });
}
