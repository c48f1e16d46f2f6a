import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { DatagramCounts } from '../../apps/server/src/modules/datagrams/datagram-counts.ts';
import { registerDatagramRoutes } from '../../apps/server/src/modules/datagrams/datagrams.routes.ts';
import { createHttpServer } from '../../apps/server/src/platform/http/http-server.ts';
import { createKnownFleet } from '../presence/known-fleet.ts';
import { serveSubject } from '../subject.ts';
import { createBenchCertificate } from './certificate.ts';

/** The server's own HTTP edge with its own route for heartbeats: limits, access, headers, verify, presence, answer. */
const { dispatcher } = createKnownFleet(Number(process.argv[2]));
const http = await createHttpServer({
  clock: systemClock,
  log: pino({ level: 'silent' }),
  createId: () => createUuidV7(systemClock.now(), randomBytes(10)),
  tls: await createBenchCertificate(),
});
registerDatagramRoutes(http.registerHotMcpRoute, dispatcher, new DatagramCounts());
http.useAuthentication({
  authenticateSession: () => Promise.resolve(undefined),
  authenticateApiKey: () => Promise.resolve(undefined),
  authenticateProduct: () => undefined,
} as unknown as Parameters<typeof http.useAuthentication>[0]);
await http.app.listen({ host: '127.0.0.1', port: 0 });
serveSubject({ port: (http.app.server.address() as AddressInfo).port });
