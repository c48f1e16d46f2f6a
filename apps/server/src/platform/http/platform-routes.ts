import { randomBytes } from 'node:crypto';
import type { Route } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { DatabaseHealth } from '../database/database.ts';
import { renderApiPage } from './api-page.ts';
import { createOpenApiDocument } from './openapi-document.ts';
import { DATA_POLICY, pagePolicy } from './security-headers.ts';

export interface PlatformRouteOptions {
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly version: string;
  readonly probeDatabase: () => Promise<DatabaseHealth>;
  /** Asked for at the first request, when all modules have registered theirs. */
  readonly contractRoutes: readonly Route[];
}

const PROBE_LIFE_MS = 1_000;
const NOT_READY_RETRY_SECONDS = 2;

/** What belongs to no module: health, metrics, and the description of the API. */
export function installPlatformRoutes(app: FastifyInstance, options: PlatformRouteOptions): void {
  const { clock, metrics, version, contractRoutes } = options;

  app.route({
    method: 'GET',
    url: '/healthz',
    config: {
      access: { public: true, because: 'a supervisor asks whether the process answers; says nothing else' },
      requestClass: 'page',
      bodyKind: 'none',
      routeName: 'health',
    },
    handler: async (_request, reply) => await reply.type('application/json').send('{"status":"ok"}'),
  });

  // One question to the database serves all who ask within a second: probes must not become load.
  let probe: { readonly askedAt: number; readonly answer: Promise<DatabaseHealth> } | undefined;
  app.route({
    method: 'GET',
    url: '/readyz',
    config: {
      access: { public: true, because: 'a load balancer asks whether to send requests here; says yes or no' },
      requestClass: 'page',
      bodyKind: 'none',
      routeName: 'readiness',
    },
    handler: async (_request, reply) => {
      const now = clock.monotonic();
      if (probe === undefined || now - probe.askedAt >= PROBE_LIFE_MS) {
        probe = { askedAt: now, answer: options.probeDatabase() };
      }
      const { isReady, code = 'DATABASE_UNAVAILABLE', isReachable } = await probe.answer;
      reply.type('application/json');
      if (isReady) return await reply.send('{"status":"ready"}');
      const status = isReachable ? 'the database takes no changes' : 'the database does not answer';
      return await reply
        .code(503)
        .header('retry-after', String(NOT_READY_RETRY_SECONDS))
        .send(JSON.stringify({ status, code }));
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    config: {
      access: { permission: 'system:read' },
      requestClass: 'api',
      bodyKind: 'none',
      routeName: 'metrics',
    },
    handler: async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.metrics()),
  });

  const isPublicText = {
    public: true,
    because: 'the description of the API is the same for every installation',
  } as const;
  let document: string | undefined;
  app.route({
    method: 'GET',
    url: '/api/v1/openapi.json',
    config: { access: isPublicText, requestClass: 'description', bodyKind: 'none', routeName: 'openApi' },
    handler: async (_request, reply) => {
      document ??= JSON.stringify(createOpenApiDocument(contractRoutes, version));
      return await reply
        .headers({ 'content-security-policy': DATA_POLICY })
        .type('application/json')
        .send(document);
    },
  });
  app.route({
    method: 'GET',
    url: '/api/docs',
    config: { access: isPublicText, requestClass: 'description', bodyKind: 'none', routeName: 'apiPage' },
    handler: async (_request, reply) => {
      const nonce = randomBytes(18).toString('base64url');
      return await reply
        .headers({ 'content-security-policy': pagePolicy(nonce) })
        .type('text/html; charset=utf-8')
        .send(renderApiPage(contractRoutes, version, nonce));
    },
  });
}
