export const webhooksKey = ['webhooks'] as const;

export function webhookKey(webhookId: string): readonly [string, string] {
  return [...webhooksKey, webhookId];
}
