/**
 * Webhooks: what happens here, told to other systems over HTTPS (docs/webhooks.md). Promises that each receiver hears
 * every event that it was set up for at least once and in order, that one which fails holds nobody else up, that a
 * message is signed, and that nobody makes the server call an address that it must not. Does not promise that a
 * receiver hears once: messages carry an id by which it can tell.
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
  readonly rules?: Partial<WebhookRules> | undefined;
}

export interface WebhooksModule {
  /** Goes on with what waits. After every module has said what it tells. */
  start(): Promise<void>;
}

export function createWebhooksModule({ platform, directory, rules }: WebhooksDependencies): WebhooksModule {
  const allRules = { ...defaultWebhookRules, ...rules };
  const delivery = new WebhookDelivery(platform, allRules);
  registerErrorStatus(webhookErrorStatus);
  platform.events.define(webhookEvents);
  registerWebhookRoutes(
    platform.registerRoute,
    new WebhookService(platform, { delivery, directory, rules: allRules }),
  );
  return {
    async start() {
      for (const webhook of await listWebhookRows(platform.database)) await delivery.follow(webhook);
    },
  };
}
