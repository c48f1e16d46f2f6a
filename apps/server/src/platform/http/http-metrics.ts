import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Counts and times requests by class and outcome, never by address: labels must stay few. */
export function installHttpMetrics(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({
    name: 'holdfast_http_requests_total',
    help: 'Requests by class and status',
    labelNames: ['class', 'status'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'holdfast_http_request_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['class'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const requestClass = request.routeOptions.config.requestClass ?? 'page';
    requests.inc({ class: requestClass, status: reply.statusCode });
    durations.observe({ class: requestClass }, reply.elapsedTime / 1000);
    done();
  });
}
