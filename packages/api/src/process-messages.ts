/**
 * What the server's process tells the process that started it, over their private channel, where secrets may pass.
 * Both ends are of one version; the parsers are there because a parent or a child of another kind may send what it
 * likes.
 */
export type ProcessMessage =
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

/** What the process that started the server may ask of it. */
export type ProcessRequest = { readonly request: 'local-enrolment-token' };

/** The message, without what does not belong to it; undefined for anything that is none. */
export function parseProcessMessage(value: unknown): ProcessMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { event } = value;
  switch (event) {
    case 'progress': {
      const { text } = value;
      return isText(text) ? { event, text } : undefined;
    }
    case 'ready': {
      const { home, version, addresses, setupLink, setupLinkExpiresAt } = value;
      const isWhole =
        isText(home) &&
        isText(version) &&
        Array.isArray(addresses) &&
        addresses.every(isText) &&
        isTextOrNull(setupLink) &&
        isTextOrNull(setupLinkExpiresAt);
      return isWhole ? { event, home, version, addresses, setupLink, setupLinkExpiresAt } : undefined;
    }
    case 'failed': {
      const { code, message, remedy } = value;
      if (!isText(code) || !isText(message)) return undefined;
      return isText(remedy) ? { event, code, message, remedy } : { event, code, message };
    }
    case 'local-enrolment-token': {
      const { tokenString } = value;
      return isText(tokenString) ? { event, tokenString } : undefined;
    }
    default:
      return undefined;
  }
}

/** The request, without what does not belong to it; undefined for anything that is none. */
export function parseProcessRequest(value: unknown): ProcessRequest | undefined {
  return isRecord(value) && value['request'] === 'local-enrolment-token'
    ? { request: value['request'] }
    : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}
