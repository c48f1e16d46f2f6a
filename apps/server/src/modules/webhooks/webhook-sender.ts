import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type DestinationRules, isAllowedDestination } from './destination-rules.ts';
import { findAddresses } from './name-lookup.ts';
import { WebhookSendError } from './webhooks.errors.ts';

export interface SendOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rules: DestinationRules;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** As much of an answer as is read before the connection is cut: its status is all that counts. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * One POST. Follows no redirect, trusts no certificate that is not good, connects to no address that the rules refuse: the
 * one that is looked at is the one that is connected to, so that a name cannot mean another one a moment later. Each
 * message has a connection of its own, because one that is kept would have been allowed by other rules.
 *
 * @returns the status of an answer that accepts the message
 * @throws WebhookSendError
 */
export async function sendWebhookMessage(options: SendOptions): Promise<number> {
  const { url, rules, signal, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    // No name is resolved for an address, so nothing else would look at it.
    const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !isAllowedDestination(literal, rules)) throw createRefused();
    const status = await post(options, AbortSignal.any([signal, timeout]));
    return judgeStatus(status);
  } catch (error) {
    if (error instanceof WebhookSendError) throw error;
    if (timeout.aborted && !signal.aborted) {
      throw new WebhookSendError(
        'WEBHOOK_TIMED_OUT',
        `The receiver did not answer within ${timeoutMs / 1_000} seconds.`,
        { cause: error },
      );
    }
    const code = codeOf(error);
    throw new WebhookSendError('WEBHOOK_NOT_REACHED', `The receiver was not reached${code}.`, {
      cause: error,
    });
  }
}

async function post(options: SendOptions, signal: AbortSignal): Promise<number> {
  const { url, headers, body, rules } = options;
  const content = Buffer.from(body, 'utf8');
  const requestOptions: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': content.length, connection: 'close' },
    agent: false,
    lookup: createGuardedLookup(rules, signal),
    signal,
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : requestPlain;
    const request = send(url, requestOptions, resolve);
    request.on('error', reject);
    request.end(content);
  });
  await drain(answer);
  return answer.statusCode ?? 0;
}

/** Reads so much of the answer that a polite receiver is not cut off in the middle of it, and no more. */
async function drain(answer: IncomingMessage): Promise<void> {
  let read = 0;
  try {
    for await (const chunk of answer) {
      read += (chunk as Buffer).length;
      if (read > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status has come, and nothing else of the answer is used.
  } finally {
    answer.destroy();
  }
}

function judgeStatus(status: number): number {
  if (status >= 200 && status < 300) return status;
  if (status >= 300 && status < 400) {
    throw new WebhookSendError(
      'WEBHOOK_REDIRECTED',
      `The receiver answered ${status}, a redirect, which is not followed.`,
      { status },
    );
  }
  if (status === 410) {
    throw new WebhookSendError('WEBHOOK_GONE', 'The receiver answered 410: it is gone for good.', { status });
  }
  throw new WebhookSendError('WEBHOOK_REFUSED_BY_RECEIVER', `The receiver answered ${status}.`, { status });
}

/** Resolves a name and gives out its addresses only when all of them may be connected to. */
function createGuardedLookup(rules: DestinationRules, signal: AbortSignal): LookupFunction {
  return (hostname, options, callback) => {
    findAddresses(hostname, signal).then(
      (found) => {
        const addresses = [...found];
        const [first] = addresses;
        if (first === undefined || addresses.some(({ address }) => !isAllowedDestination(address, rules)))
          return callback(createRefused(), '');
        if (options.all === true) return callback(null, addresses);
        callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, ''),
    );
  };
}

function createRefused(): WebhookSendError {
  return new WebhookSendError(
    'WEBHOOK_DESTINATION_REFUSED',
    'The address leads to a network that this webhook may not reach.',
    {
      remedy:
        'Allow private networks in the webhook if its receiver stands in one. This computer itself and cloud metadata are never reached.',
    },
  );
}

/** What the system or TLS says in one word: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. Its sentences quote addresses. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
}
