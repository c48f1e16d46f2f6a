import type { ApiTransport } from '@holdfast/api';

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
    text: await response.text(),
  };
};
