import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { ComponentError } from '../component.errors.ts';
import type { FileSource } from './file-source.ts';

export interface WebSourceOptions {
  /** `https:` or `http:`; what lies below it is the repository. Content is verified, so that `http:` is no danger to it. */
  readonly url: string;
  readonly name?: string;
  /** Such as `authorization`. Sent to this address only: redirects are not followed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates to trust, a proxy's agent: whatever the runtime's requests take. */
  readonly request?: Pick<RequestOptions, 'agent'> & { readonly ca?: string };
  /** How long an answer may take to begin, and how long it may pause. */
  readonly silenceMs?: number;
}

const DEFAULT_SILENCE_MS = 30_000;
// Some stores of static files answer so for what is not there.
const NOT_THERE = new Set([403, 404, 410]);

/** A repository that any web server serves as static files. */
export function createWebSource(options: WebSourceOptions): FileSource {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  const name = options.name ?? base;
  return {
    name,
    async open(path, { from, limit, signal }) {
      const answer = await ask(new URL(base + path), options, from, limit, signal, name);
      const status = answer.statusCode ?? 0;
      if (NOT_THERE.has(status)) {
        answer.destroy();
        return undefined;
      }
      const isPart = status === 206 && isFrom(answer.headers['content-range'], from);
      const isEncoded = (answer.headers['content-encoding'] ?? 'identity') !== 'identity';
      if ((status !== 200 && !isPart) || isEncoded) {
        answer.destroy();
        throw new ComponentError('SOURCE_REFUSED', `${name} answers with status ${status}.`, {
          facts: { source: name, status },
          retry: status >= 500 || status === 429 ? 'safe' : 'never',
        });
      }
      return readBody(answer, isPart ? 0 : from, name);
    },
  };
}

function ask(
  url: URL,
  { headers, request: extra, silenceMs = DEFAULT_SILENCE_MS }: WebSourceOptions,
  from: number,
  limit: number,
  signal: AbortSignal,
  name: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const range = from === 0 ? {} : { range: `bytes=${from}-${from + limit}` };
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = send(
    url,
    {
      ...extra,
      method: 'GET',
      headers: { ...headers, 'accept-encoding': 'identity', ...range },
      timeout: silenceMs,
      signal,
    },
    resolve,
  );
  sent.on('timeout', () =>
    sent.destroy(new ComponentError('SOURCE_SLOW', `${name} is silent.`, { retry: 'safe' })),
  );
  sent.on('error', (error) =>
    reject(
      error instanceof ComponentError
        ? error
        : new ComponentError('SOURCE_UNREACHABLE', `${name} cannot be reached.`, {
            cause: error,
            retry: 'safe',
            facts: { source: name },
          }),
    ),
  );
  sent.end();
  return promise;
}

/** Whether the part that comes begins where it was asked for. */
function isFrom(contentRange: string | undefined, from: number): boolean {
  return contentRange?.startsWith(`bytes ${from}-`) === true;
}

/** A server that knows no ranges sends the file from its beginning: what is there already is let by. */
async function* readBody(answer: IncomingMessage, skip: number, name: string): AsyncGenerator<Uint8Array> {
  let left = skip;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      const from = Math.min(left, piece.length);
      left -= from;
      if (from < piece.length) yield piece.subarray(from);
    }
  } catch (error) {
    if (error instanceof ComponentError) throw error;
    throw new ComponentError('SOURCE_UNREACHABLE', `${name} broke off.`, { cause: error, retry: 'safe' });
  } finally {
    answer.destroy();
  }
  if (left > 0) throw new ComponentError('SOURCE_REFUSED', `${name} has a shorter file than was there.`);
}
