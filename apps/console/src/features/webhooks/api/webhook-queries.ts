import {
  type ApiClient,
  getWebhook,
  getWebhookMessage,
  listEventTypes,
  listWebhookDeliveries,
  listWebhooks,
} from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { webhookKey, webhooksKey } from './webhook-key.ts';

/** What waits and what fails changes by itself. */
const refreshMs = 5_000;

export function webhooksQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...webhooksKey, 'list'],
    queryFn: async ({ signal }) => (await api.call(listWebhooks, { signal })).webhooks,
    refetchInterval: refreshMs,
  });
}

export function webhookQuery(api: ApiClient, webhookId: string) {
  return queryOptions({
    queryKey: webhookKey(webhookId),
    queryFn: ({ signal }) => api.call(getWebhook, { params: { webhookId }, signal }),
    refetchInterval: refreshMs,
  });
}

export function deliveriesQuery(api: ApiClient, webhookId: string) {
  return queryOptions({
    queryKey: [...webhooksKey, webhookId, 'deliveries'],
    queryFn: async ({ signal }) =>
      (await api.call(listWebhookDeliveries, { params: { webhookId }, signal })).deliveries,
    refetchInterval: refreshMs,
  });
}

/** What was sent does not change. */
export function messageQuery(api: ApiClient, webhookId: string, deliveryId: string) {
  return queryOptions({
    queryKey: [...webhooksKey, webhookId, 'message', deliveryId],
    queryFn: ({ signal }) => api.call(getWebhookMessage, { params: { webhookId, deliveryId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function eventTypesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['event-types'],
    queryFn: async ({ signal }) => (await api.call(listEventTypes, { signal })).types,
    // What a server can tell changes with its release only.
    staleTime: Number.POSITIVE_INFINITY,
  });
}
