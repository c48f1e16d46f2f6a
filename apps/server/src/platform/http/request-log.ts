import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * One line for each request: what, by whom, how it ended. Never a header, a body or a query: these carry secrets and
 * names. Calls that come by the thousand each second are written at the finest level only.
 */
export function installRequestLog(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    const { config, url: route } = request.routeOptions;
    const isRoutine = config.requestClass === 'mcp-heartbeat' || config.requestClass === 'page';
    const level = reply.statusCode >= 500 ? 'warn' : isRoutine ? 'trace' : 'debug';
    if (!log.isLevelEnabled(level)) return;
    log[level](
      {
        requestId: request.id,
        method: request.method,
        route: route ?? 'none',
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        remoteAddress: request.ip,
        actor: request.actor === undefined ? 'unknown' : describeActor(request.actor),
      },
      'request',
    );
  });
}

function describeActor(actor: {
  readonly kind: string;
  readonly id?: string;
  readonly productNumber?: number;
}): string {
  if (actor.id !== undefined) return `${actor.kind} ${actor.id}`;
  return actor.productNumber === undefined ? actor.kind : `product ${actor.productNumber}`;
}
