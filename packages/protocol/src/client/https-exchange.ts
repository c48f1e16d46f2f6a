import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { McpClientError } from './client.errors.ts';

/** How the other side is recognised. `unproven` is for fetching the authority only, and nothing secret is sent then. */
export type ServerTrust = { readonly authority: string } | 'unproven';

export interface HttpsRequest {
  /** Canonical origin. */
  readonly address: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly maxAnswerBytes: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
  /** IP address that the connection reached, for sending datagrams to the same host. */
  readonly remoteAddress: string | undefined;
}

/** One call over HTTPS, bounded in time and size; redirects are not followed. */
export interface HttpsExchange {
  send(request: HttpsRequest): Promise<HttpsAnswer>;
  close(): void;
}

/** Faults of the TLS library that mean "not the server that is meant". */
const CERTIFICATE_FAULT =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_INVALID|INVALID_CA|HOSTNAME_MISMATCH|INVALID_PURPOSE)/;

/** Longer than servers keep a connection that is not used: one that is in use needs no probes, and each call has its own time limit. */
const KEEP_ALIVE_MS = 120_000;

const STALE_FAULTS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** @param timeoutMs for the whole call, from looking up the name to the last byte */
export function createHttpsExchange(options: {
  readonly trust: ServerTrust;
  readonly timeoutMs: number;
}): HttpsExchange {
  const { trust, timeoutMs } = options;
  const agent = new Agent({
    // A pinned authority replaces the system's list; it is not added to it.
    ...(trust === 'unproven'
      ? { rejectUnauthorized: false }
      : { ca: trust.authority, rejectUnauthorized: true }),
    minVersion: 'TLSv1.2',
    keepAlive: true,
    // The runtime's own value has the system ask every second whether the other side is still there.
    keepAliveMsecs: KEEP_ALIVE_MS,
    // A product makes one call at a time; a second connection is for a heartbeat beside a slow upload.
    maxSockets: 2,
    maxFreeSockets: 1,
  });
  return {
    send: async (call) => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await send(agent, call, signal);
      } catch (error) {
        // An idle connection that the server closed just now: the request never reached it.
        if (!(error instanceof StaleConnection)) throw error;
        return await send(agent, call, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

class StaleConnection extends McpClientError {}

function send(agent: Agent, call: HttpsRequest, signal: AbortSignal): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(call.path, call.address),
      {
        agent,
        method: call.method,
        headers: {
          ...call.headers,
          ...(call.body === undefined ? {} : { 'content-length': call.body.length }),
        },
        signal,
      },
      (answer) => {
        readAnswer(answer, call.maxAnswerBytes).then(resolve, (cause: unknown) => {
          answer.destroy();
          reject(cause instanceof McpClientError ? cause : describeFault(cause, call.address));
        });
      },
    );
    outgoing.on('error', (cause) => {
      const isStale = outgoing.reusedSocket && !signal.aborted && STALE_FAULTS.has(findFaultCode(cause));
      reject(isStale ? staleConnection(cause) : describeFault(cause, call.address));
    });
    outgoing.end(call.body);
  });
}

/** The whole answer, bounded in size. */
export async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<HttpsAnswer> {
  // The socket goes back to the pool with the last byte, so its address is taken first.
  const { remoteAddress } = answer.socket;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw invalidAnswer(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode ?? 0,
    mediaType: (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    retryAfter: answer.headers['retry-after'],
    body: Buffer.concat(chunks, length),
    remoteAddress,
  };
}

/** What a failed connection means. */
export function describeFault(cause: unknown, address: string): McpClientError {
  const fault = findFaultCode(cause);
  if (CERTIFICATE_FAULT.test(fault)) {
    return new McpClientError(
      'SERVER_CERTIFICATE_INVALID',
      'The server could not prove that it is the one this product belongs to.',
      {
        cause,
        retry: 'safe',
        facts: { address, fault },
        remedy: 'Check the server address. If the server was set up anew, enrol again with a new token.',
      },
    );
  }
  return new McpClientError('SERVER_UNREACHABLE', 'The server cannot be reached.', {
    cause,
    // Every call of the protocol may be repeated: the server recognises what it has seen.
    retry: 'safe',
    facts: { address, fault },
    remedy: 'Check the network, and that the server is running.',
  });
}

function staleConnection(cause: unknown): StaleConnection {
  return new StaleConnection('SERVER_UNREACHABLE', 'The server closed an idle connection.', {
    cause,
    retry: 'safe',
  });
}

function findFaultCode(cause: unknown): string {
  if (!(cause instanceof Error)) return 'UNKNOWN';
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'TIMED_OUT';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return 'UNKNOWN';
}

/** Something that does not speak this protocol answered. */
export function invalidAnswer(message: string, cause?: unknown): McpClientError {
  return new McpClientError('SERVER_ANSWER_INVALID', message, {
    cause,
    retry: 'safe',
    remedy: 'Check that the address leads to the server itself and not to a proxy or portal.',
  });
}
