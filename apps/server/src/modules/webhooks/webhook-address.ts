import { WebhookError } from './webhooks.errors.ts';

export interface AddressRules {
  /** Whether this very computer may be reached, also without TLS: for development and tests. */
  readonly allowsLoopback: boolean;
}

/**
 * Where a webhook sends to, in its normal form.
 *
 * @throws WebhookError WEBHOOK_URL_INVALID for anything but https (http to this very computer where that is allowed), for
 *   credentials and for fragments
 */
export function parseWebhookAddress(text: string, rules: AddressRules): URL {
  if (!URL.canParse(text)) throw createInvalid('is not an address like https://example.org/holdfast');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw createInvalid('must not carry a user name or password: whoever sees the settings would see them');
  if (url.hash !== '') throw createInvalid('must not have a part after "#": it is never sent');
  const isLocal = rules.allowsLoopback && isLoopbackName(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) return url;
  throw createInvalid('must begin with https://');
}

/** Only by name: the address behind a name is looked at when the connection is made. */
function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function createInvalid(what: string): WebhookError {
  return new WebhookError('WEBHOOK_URL_INVALID', `The address of the webhook ${what}.`, {
    remedy: 'Copy the address from the receiver again.',
  });
}
