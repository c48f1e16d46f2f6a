import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { addRouteHook } from './route-hooks.ts';

/** An answer that is data: nothing in it may load or run, and nobody may frame it. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** For a page of ours. Only files of this server run; what stands in the page itself needs this answer's own nonce. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface SecurityHeaderOptions {
  /**
   * Strict-Transport-Security makes a browser refuse any certificate that it does not trust, for the whole host name
   * and all its ports. It is sent only with a certificate of the organisation: with our own authority the browser's
   * "continue anyway" would be gone, and `localhost` would be lost for every other program.
   */
  readonly isStrictTransport: boolean;
}

/** Headers of every answer, also of event streams that write their own head. */
export function securityHeaders(options: SecurityHeaderOptions): Readonly<Record<string, string>> {
  return {
    'content-security-policy': DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    ...(options.isStrictTransport ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/** Products are no browsers: what they get is data in a type that no browser runs, and says so in fewer bytes. */
export const PRODUCT_HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const;

/**
 * Sets them before anything else can answer. A page replaces the policy and the caching of its own answer.
 */
export function installSecurityHeaders(app: FastifyInstance, options: SecurityHeaderOptions): void {
  const all = securityHeaders(options);
  const createHook =
    (headers: Readonly<Record<string, string>>): onRequestHookHandler =>
    (request, reply, done) => {
      reply.headers(headers).header('x-request-id', request.id);
      done();
    };
  const hook = createHook(all);
  app.addHook('onRoute', (route) => {
    const isForProducts = route.config?.requestClass?.startsWith('mcp-') === true;
    addRouteHook(route, 'onRequest', isForProducts ? createHook(PRODUCT_HEADERS) : hook);
  });
  app.addHook('onRequest', function (request, reply, done) {
    if (request.is404) hook.call(this, request, reply, done);
    else done();
  });
}
