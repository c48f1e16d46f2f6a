import {
  createWebhook,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
  pauseWebhook,
  removeWebhook,
  repeatWebhookDelivery,
  getWebhookMessage,
  resumeWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { WebhookService } from './webhooks.service.ts';

export function registerWebhookRoutes(registerRoute: RegisterRoute, service: WebhookService): void {
  registerRoute(listWebhooks, async ({ actor }) => ({ webhooks: await service.list(actor) }));
  registerRoute(getWebhook, async ({ actor, params }) => await service.get(actor, params.webhookId));
  registerRoute(createWebhook, async (it) => await service.create(it, it.body));
  registerRoute(updateWebhook, async (it) => await service.update(it, it.params.webhookId, it.body));
  registerRoute(removeWebhook, async (it) => {
    await service.remove(it, it.params.webhookId);
    return null;
  });
  registerRoute(pauseWebhook, async (it) => await service.pause(it, it.params.webhookId));
  registerRoute(
    resumeWebhook,
    async (it) =>
      await service.resume(it, it.params.webhookId, { skipsWaiting: it.body.skipsWaiting ?? false }),
  );
  registerRoute(rotateWebhookSecret, async (it) => await service.rotateSecret(it, it.params.webhookId));
  registerRoute(testWebhook, async (it) => await service.test(it, it.params.webhookId));
  registerRoute(listWebhookDeliveries, async ({ actor, params }) => ({
    deliveries: await service.listDeliveries(actor, params.webhookId),
  }));
  registerRoute(
    getWebhookMessage,
    async ({ actor, params }) => await service.readMessage(actor, params.webhookId, params.deliveryId),
  );
  registerRoute(
    repeatWebhookDelivery,
    async (it) => await service.repeat(it, it.params.webhookId, it.params.deliveryId),
  );
}
