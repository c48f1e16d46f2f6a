import type { FastifyRequest } from 'fastify';
import type { RequestFacts } from './route-registrar.ts';

const MAX_USER_AGENT = 256;

/** What handlers and the audit log may know of a request. */
export function requestFacts(request: FastifyRequest): RequestFacts {
  return {
    id: request.id,
    remoteAddress: request.ip,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
  };
}
