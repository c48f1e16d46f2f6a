/**
 * Webhooks: what happens here, told to other systems over HTTPS (docs/webhooks.md). Promises that each receiver hears
 * every event that it was set up for at least once and in order, that one which fails holds nobody else up, that a
 * message is signed, that it tells no more than the one who chose its events may read, and that nobody makes the server
 * call an address that it must not. Does not promise that a receiver hears once: what is sent again is the same message
 * with the same id, by which it can tell.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import {
  defaultWebhookRules,
  WebhookDelivery,
  type WebhookPlatform,
  type WebhookRules,
} from './webhook-delivery.service.ts';
import { type Principals, WebhookRightsFinder } from './webhook-rights.service.ts';
import { webhookErrorStatus } from './webhooks.errors.ts';
import { webhookEvents } from './webhooks.events.ts';
import { registerWebhookRoutes } from './webhooks.routes.ts';
import { WebhookService } from './webhooks.service.ts';
import { listWebhookRows } from './webhooks.store.ts';
import './webhooks.tables.ts';

export type { WebhookRules } from './webhook-delivery.service.ts';

export interface WebhooksDependencies {
  readonly platform: WebhookPlatform & Pick<Platform, 'registerRoute'>;
  readonly directory: Pick<DirectoryModule, 'findGroupPath'>;
  readonly access: Principals;
  readonly rules?: Partial<WebhookRules> | undefined;
}

export interface WebhooksModule {
  /** Goes on with what waits. After every module has said what it tells. */
  start(): Promise<void>;
}

/** For webhooks that the database kept from being followed at once. */
const CATCH_UP_INTERVAL_MS = 5_000;

export function createWebhooksModule({
  platform,
  directory,
  access,
  rules,
}: WebhooksDependencies): WebhooksModule {
  const allRules = { ...defaultWebhookRules, ...rules };
  const rights = new WebhookRightsFinder(platform.events.types, access);
  const delivery = new WebhookDelivery(platform, allRules, rights);
  registerErrorStatus(webhookErrorStatus);
  platform.events.define(webhookEvents);
  registerWebhookRoutes(
    platform.registerRoute,
    new WebhookService({ platform, delivery, directory, rights, rules: allRules }),
  );
  const followAll = async (): Promise<void> => {
    for (const { id } of await listWebhookRows(platform.database)) await delivery.follow(id);
  };
  // Whoever chose the events of a webhook may have lost what it takes to read them.
  platform.events.follow(
    [
      'administrator.disabled',
      'grant.taken',
      'role.changed',
      'role.deleted',
      'administrator.enabled',
      'grant.given',
    ],
    followAll,
  );
  return {
    async start() {
      await followAll();
      platform.ticks.every('webhooks.follow', CATCH_UP_INTERVAL_MS, () => delivery.catchUp());
    },
  };
}
