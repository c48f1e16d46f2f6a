import { type Permission, permissions } from '@holdfast/api';
import { type Actor, mayEverywhere } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import type { EventType } from '../../platform/events/domain-event.ts';
import type { EventTypes } from '../../platform/events/event-types.ts';
import type { AccessModule } from '../access/index.ts';
import { permissionsNamed, resolvePatterns } from './event-patterns.ts';
import { WebhookError } from './webhooks.errors.ts';
import type { WebhookRow, WebhookSettings } from './webhooks.store.ts';

/** Of the access module. */
export type Principals = Pick<AccessModule, 'findAdministratorBehind' | 'listPermissionsEverywhere'>;

/** Whose choice the events are. */
export type WebhookChoice = Pick<WebhookSettings, 'permissions' | 'chosenBy'>;

type ChosenEvents = Pick<WebhookRow, 'patterns' | 'permissions' | 'chosenBy'>;

export interface WebhookRights {
  /** What it may tell now. */
  readonly types: readonly EventType[];
  /** What it might tell when that was chosen. */
  readonly chosen: readonly EventType[];
  /** Something that it was to tell by its name, or all that it was to tell, may not be read any more by whoever chose it. */
  readonly isLapsed: boolean;
}

/**
 * What a webhook may tell: what was chosen, as far as the one who chose it might read it then and may read it now. As with
 * API keys: what an account has lost, what acts in its name has lost too.
 */
export class WebhookRightsFinder {
  readonly #types: EventTypes;
  readonly #principals: Principals;

  constructor(types: EventTypes, principals: Principals) {
    this.#types = types;
    this.#principals = principals;
  }

  /** @param db the transaction of whoever has locked the webhook */
  async find(webhook: ChosenEvents, db?: Database): Promise<WebhookRights> {
    const { patterns } = webhook;
    const held = await this.#listHeld(webhook, db);
    const types = resolvePatterns(patterns, held, this.#types);
    const isNamedLost = [...permissionsNamed(patterns, this.#types)].some((it) => !held.has(it));
    const chosen = resolvePatterns(patterns, new Set(webhook.permissions), this.#types);
    return { types, chosen, isLapsed: isNamedLost || (types.length === 0 && chosen.length > 0) };
  }

  /** May a message with such events be sent by it? */
  async mayTell(webhook: ChosenEvents, types: readonly string[]): Promise<boolean> {
    const held = await this.#listHeld(webhook);
    return types.every((type) => {
      const permission = this.#types.find(type)?.permission;
      return permission !== undefined && held.has(permission);
    });
  }

  /** The events as the choice of the caller. @throws WebhookError WEBHOOK_EVENT_NOT_ALLOWED */
  async choose(db: Database, actor: Actor, patterns: readonly string[]): Promise<WebhookChoice> {
    const readable = this.#listReadable(actor, patterns);
    const chosenBy = (await this.#principals.findAdministratorBehind(actor, db)) ?? null;
    return { permissions: readable, chosenBy };
  }

  /**
   * Whose choice the events are after a change: of whoever chose others, or saves what nobody may read any more who stood behind it.
   * Whoever sends them to another receiver, or those of another group, needs to be able to read them as well. Otherwise it is as before.
   *
   * @throws WebhookError WEBHOOK_EVENT_NOT_ALLOWED
   */
  async rechoose(
    db: Database,
    actor: Actor,
    change: { readonly before: WebhookRow; readonly after: Omit<WebhookSettings, keyof WebhookChoice> },
  ): Promise<WebhookChoice> {
    const { before, after } = change;
    const isOther = before.patterns.toSorted().join(' ') !== after.patterns.toSorted().join(' ');
    if (isOther || (await this.find(before, db)).isLapsed)
      return await this.choose(db, actor, after.patterns);
    const { chosenBy, permissions: chosen } = before;
    if (after.url === before.url && after.groupId === before.groupId)
      return { permissions: chosen, chosenBy };
    const readable: readonly string[] = this.#listReadable(actor, after.patterns);
    return { permissions: chosen.filter((permission) => readable.includes(permission)), chosenBy };
  }

  /** Only for who may read on everything what such events tell. @throws WebhookError WEBHOOK_EVENT_NOT_ALLOWED */
  requireReadable(actor: Actor, types: readonly string[]): void {
    const unreadable = types.filter((type) => {
      const permission = this.#types.find(type)?.permission;
      return permission === undefined || !mayEverywhere(actor, permission);
    });
    if (unreadable.length === 0) return;
    throw new WebhookError('WEBHOOK_EVENT_NOT_ALLOWED', 'This message tells what you may not read.', {
      facts: { events: unreadable },
      remedy: 'Ask an administrator who may read these events everywhere.',
    });
  }

  /** What the caller may read of the whole organisation. @throws WebhookError WEBHOOK_EVENT_NOT_ALLOWED */
  #listReadable(actor: Actor, patterns: readonly string[]): Permission[] {
    const held = permissions.filter((permission) => mayEverywhere(actor, permission));
    const missing = [...permissionsNamed(patterns, this.#types)].filter((it) => !held.includes(it));
    if (missing.length === 0) return held;
    throw new WebhookError('WEBHOOK_EVENT_NOT_ALLOWED', 'Some of these events tell what you may not read.', {
      facts: { missing },
      remedy: 'Leave these events out, or ask an administrator who may read them.',
    });
  }

  async #listHeld(
    { permissions: chosen, chosenBy }: ChosenEvents,
    db?: Database,
  ): Promise<ReadonlySet<string>> {
    if (chosenBy === null) return new Set(chosen);
    const now: readonly Permission[] = await this.#principals.listPermissionsEverywhere(chosenBy, db);
    return new Set(now.filter((permission) => chosen.includes(permission)));
  }
}
