import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { serveSubject } from '../subject.ts';
import { createBenchCertificate } from './certificate.ts';

/** The reference: a bare Fastify route over TLS with the same body and an answer of the same size. */
const app = fastify({ https: { ...(await createBenchCertificate()), minVersion: 'TLSv1.2' } });
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
const answer = Buffer.alloc(56, 1);
app.post('/mcp/v1/heartbeats', (_request, reply) => reply.type('application/octet-stream').send(answer));
await app.listen({ host: '127.0.0.1', port: 0 });
serveSubject({ port: (app.server.address() as AddressInfo).port });
