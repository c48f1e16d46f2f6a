import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify';
import type { Logger } from 'pino';
import type { RequestClass } from './request-limits.ts';
import { addRouteHook } from './route-hooks.ts';
import { type Actor, identityOf } from '../access/actor.ts';

/**
 * One line for each request: what, by whom, how it ended. Never a header, a body or a query: these carry secrets and
 * names. Calls that come by the thousand each second are written at the finest level only (and are
 * served in front of the framework at every other one).
 */
export function installRequestLog(app: FastifyInstance, log: Logger): void {
  const createHook = (url: string, requestClass: RequestClass): onResponseHookHandler => {
    const isRoutine = requestClass === 'mcp-heartbeat' || requestClass === 'page';
    return (request, reply, done) => {
      const level = reply.statusCode >= 500 ? 'warn' : isRoutine ? 'trace' : 'debug';
      if (log.isLevelEnabled(level)) log[level](describe(request, reply, url), 'request');
      done();
    };
  };
  const missing = createHook('none', 'page');
  app.addHook('onRoute', (route) => {
    addRouteHook(route, 'onResponse', createHook(route.url, route.config?.requestClass ?? 'page'));
  });
  app.addHook('onResponse', function (request, reply, done) {
    if (request.is404) missing.call(this, request, reply, done);
    else done();
  });
}

function describe(request: FastifyRequest, reply: FastifyReply, route: string): object {
  return {
    requestId: request.id,
    method: request.method,
    route,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    remoteAddress: request.ip,
    actor: request.actor === undefined ? 'unknown' : describeActor(request.actor),
  };
}

function describeActor(actor: Actor): string {
  const { kind, id } = identityOf(actor);
  return id === null ? kind : `${kind} ${id}`;
}
