import type { ApiTransport } from '@holdfast/api';
import { toTerminalLines } from '@holdfast/kernel';

/** HTTP of the browser: same origin only, never a cached answer, never a redirect followed. */
export const browserTransport: ApiTransport = async (request) => {
  const response = await fetch(request.target, {
    method: request.method,
    headers: request.headers,
    body: request.body ?? null,
    signal: request.signal ?? null,
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    // What others worded, such as a device or a webhook's receiver, hides nothing and turns nothing around on the screen.
    text: toTerminalLines(await response.text()),
  };
};
