import type { FastifyRequest } from 'fastify';
import type { RequestFacts } from './route-registrar.ts';

const MAX_USER_AGENT = 256;
/** How a socket for both kinds of addresses writes one of version 4. */
const MAPPED_ADDRESS = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** What handlers and the audit log may know of a request. */
export function requestFacts(request: FastifyRequest): RequestFacts {
  return {
    id: request.id,
    // One computer has one spelling, in lists of sessions as in the audit log.
    remoteAddress: MAPPED_ADDRESS.exec(request.ip)?.[1] ?? request.ip,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
  };
}
