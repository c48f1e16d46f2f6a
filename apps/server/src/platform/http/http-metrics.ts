import type { FastifyInstance, onResponseHookHandler } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HotCalls } from './hot-calls.ts';
import type { RequestClass } from './request-limits.ts';
import { addRouteHook } from './route-hooks.ts';

export interface HttpMetricsSources {
  readonly app: FastifyInstance;
  readonly hotCalls: HotCalls;
  readonly refusedConnections: () => number;
}

/** Counts and times requests by class and outcome, never by address: labels must stay few. */
export function installHttpMetrics(
  { app, hotCalls, refusedConnections }: HttpMetricsSources,
  registry: Registry,
): void {
  new Gauge({
    name: 'holdfast_http_refused_connections',
    help: 'Connections ended before anything was read from them, since the start: too many, or too fast, from one network',
    registers: [registry],
    collect() {
      this.set(refusedConnections());
    },
  });
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
  // Finding the right counter by its labels costs more than counting.
  const children = new Map<string, Counter.Internal>();
  const countOf = (requestClass: RequestClass, status: number): Counter.Internal => {
    const key = `${requestClass} ${status}`;
    const known = children.get(key);
    if (known !== undefined) return known;
    const child = requests.labels({ class: requestClass, status });
    children.set(key, child);
    return child;
  };
  const createObserver = (requestClass: RequestClass): ((status: number, seconds: number) => void) => {
    const duration = durations.labels({ class: requestClass });
    return (status, seconds) => {
      countOf(requestClass, status).inc();
      duration.observe(seconds);
    };
  };
  hotCalls.observe(createObserver);
  const createHook = (requestClass: RequestClass): onResponseHookHandler => {
    const observe = createObserver(requestClass);
    return (_request, reply, done) => {
      observe(reply.statusCode, reply.elapsedTime / 1000);
      done();
    };
  };
  const missing = createHook('page');
  app.addHook('onRoute', (route) => {
    addRouteHook(route, 'onResponse', createHook(route.config?.requestClass ?? 'page'));
  });
  app.addHook('onResponse', function (request, reply, done) {
    if (request.is404) missing.call(this, request, reply, done);
    else done();
  });
}
