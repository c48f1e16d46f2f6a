import {
  type Agent as PlainAgent,
  type IncomingMessage,
  request as requestPlain,
  type RequestOptions,
} from 'node:http';
import { request as requestTls } from 'node:https';
import { describeFault, redirected } from './source-fault.ts';

export interface HttpCall {
  readonly url: URL;
  readonly origin: string;
  readonly agent: PlainAgent | false;
  /** Sent to the origin of the source only, wherever a redirect leads: they may be credentials. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly headTimeoutMs: number;
  readonly maxRedirects: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one GET and resolves with the head of its answer; what follows is read by the caller, who destroys it in the end.
 *
 * @throws TransferError
 */
export async function getHead(call: HttpCall): Promise<IncomingMessage> {
  let { url } = call;
  for (let followed = 0; ; followed += 1) {
    const answer = await getOnceOrAgain({ ...call, url });
    const location = findRedirect(answer);
    if (location === undefined) return answer;
    answer.destroy();
    if (followed >= call.maxRedirects) throw redirected(call.url, 'more often than is followed');
    const next = parseLocation(location, url);
    if (next === undefined) throw redirected(call.url, 'to what is no address');
    // One that leads from HTTPS to HTTP would give up what the first address was chosen for; the other way is a wrong setting.
    if (next.protocol !== url.protocol) throw redirected(call.url, 'to another scheme');
    url = next;
  }
}

function findRedirect({ statusCode, headers }: IncomingMessage): string | undefined {
  const isRedirect = statusCode !== undefined && [301, 302, 303, 307, 308].includes(statusCode);
  return isRedirect ? (headers.location ?? '') : undefined;
}

function parseLocation(location: string, base: URL): URL | undefined {
  if (location === '' || !URL.canParse(location, base.href)) return undefined;
  const url = new URL(location, base);
  return url.username === '' && url.password === '' ? url : undefined;
}

/**
 * A connection that the other side closed while it was idle never saw the request: another one is tried, once. It is the same
 * agent that makes it, because whom to trust, by which proxy and how to get there is the agent's knowledge alone.
 */
async function getOnceOrAgain(call: HttpCall): Promise<IncomingMessage> {
  try {
    return await get(call);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  if (call.agent !== false) endIdleConnections(call.agent);
  try {
    return await get(call);
  } catch (error) {
    if (error instanceof StaleConnection) throw describeFault(error.cause, call.url);
    throw error;
  }
}

/** The others may be as old, and as stale. An agent hands no destroyed one out. */
function endIdleConnections({ freeSockets }: PlainAgent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

class StaleConnection extends Error {}

function get(call: HttpCall): Promise<IncomingMessage> {
  const { url, agent, headTimeoutMs, signal } = call;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const headers = { ...call.headers, ...(url.origin === call.origin ? call.ownHeaders : {}) };
    const options: RequestOptions = { agent, method: 'GET', headers };
    const outgoing = url.protocol === 'https:' ? requestTls(url, options) : requestPlain(url, options);
    const stop = (): void => void outgoing.destroy(signal.reason as Error);
    const late = setTimeout(
      () => outgoing.destroy(Object.assign(new Error('No answer in time.'), { code: 'TIMED_OUT' })),
      headTimeoutMs,
    );
    signal.addEventListener('abort', stop);
    outgoing.once('response', (answer) => {
      clearTimeout(late);
      answer.once('close', () => signal.removeEventListener('abort', stop));
      // Whoever reads it hears of its errors; nobody may be reading it yet.
      answer.on('error', () => undefined);
      resolve(answer);
    });
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else if (outgoing.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE'))
        reject(new StaleConnection('The connection was closed while it was idle.', { cause }));
      else reject(describeFault(cause, url));
    });
    outgoing.end();
  });
}
