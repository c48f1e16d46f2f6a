/** What the server tells the process that started it, over their private channel, where secrets may pass. */
export type ServerEvent =
  | { readonly event: 'progress'; readonly text: string }
  | {
      readonly event: 'ready';
      readonly home: string;
      readonly version: string;
      readonly addresses: readonly string[];
      readonly setupLink: string | null;
      readonly setupLinkExpiresAt: string | null;
    }
  | { readonly event: 'failed'; readonly code: string; readonly message: string; readonly remedy?: string }
  | { readonly event: 'local-enrolment-token'; readonly tokenString: string };

/** What that process may ask. */
export type ServerRequest = { readonly request: 'local-enrolment-token' };

/** Undefined for anything else: the channel belongs to us, but a parent of another kind may send what it likes. */
export function parseServerRequest(message: unknown): ServerRequest | undefined {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined;
  return message.request === 'local-enrolment-token' ? { request: message.request } : undefined;
}
