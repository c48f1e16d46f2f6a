import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/**
 * What RFC 9112 asks of a server and the runtime's parser leaves out. Goes in front of everything that serves requests.
 *
 * @param refuse answers a request that is not well-formed; its connection is closed afterwards
 */
export function installStrictRequests(
  server: Server,
  refuse: (response: ServerResponse, reason: string) => void,
): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const reason = findFault(request);
    if (reason !== undefined) {
      response.shouldKeepAlive = false;
      return refuse(response, reason);
    }
    // A server takes the form meant for proxies too (section 3.2.2); Host was checked, and nothing here goes by the other.
    if (request.url !== undefined && !request.url.startsWith('/'))
      request.url = request.url.replace(ABSOLUTE_FORM, '/');
    for (const listener of listeners) listener.call(server, request, response);
  });
}

const ABSOLUTE_FORM = /^https?:\/\/[^/?]*\/?/i;

/** `uri-host [":" port]` of RFC 3986 and RFC 9110 section 7.2; empty is allowed. */
const HOST = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d{0,5})?$/;

function findFault({ rawHeaders, httpVersion, url = '' }: IncomingMessage): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'The version of HTTP is not one of 1.0 and 1.1.';
  const isOld = httpVersion === '1.0';
  let hosts = 0;
  // Names and values take turns. The runtime keeps the first of several hosts and forgets that there were more.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'host') {
      hosts += 1;
      if (hosts > 1 || !HOST.test(value)) return 'The header Host is not exactly one host.';
    } else if (name === 'transfer-encoding' && (isOld || value.toLowerCase() !== 'chunked'))
      return 'The header Transfer-Encoding says something else than chunked, or is not allowed here.';
  }
  if (hosts === 0 && !isOld) return 'The header Host is missing.';
  return url.includes('#') ? 'The target of the request has a fragment.' : undefined;
}
