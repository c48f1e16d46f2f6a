import { createSecretKey, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import { limits, NotificationSealer } from '@holdfast/protocol';
import { pino } from 'pino';
import { HeldStreams } from '../../apps/server/src/modules/notification/held-streams.ts';
import { registerNotificationRoutes } from '../../apps/server/src/modules/notification/notification.routes.ts';
import { createHttpServer } from '../../apps/server/src/platform/http/http-server.ts';
import { createBenchCertificate } from '../https/certificate.ts';
import { serveSubject } from '../subject.ts';

/** The server's own HTTP edge with its own route for held streams, and its own turns of quiet notifications. */
const sealer = new NotificationSealer(createSecretKey(randomBytes(32)));
let sequence = systemClock.now();
const streams = new HeldStreams({
  limit: 100_000,
  sealQuiet: (productNumber, epoch) => {
    sequence += 1;
    const nonce = randomBytes(limits.nonceBytes);
    const flags = { commandsWait: false, handshakeAgain: false };
    return sealer.seal({ type: 'notification', productNumber, epoch, sequence, nonce, ...flags });
  },
});
const http = await createHttpServer({
  clock: systemClock,
  log: pino({ level: 'silent' }),
  createId: () => createUuidV7(systemClock.now(), randomBytes(10)),
  tls: await createBenchCertificate(),
  maxConnections: 100_000,
  maxConnectionsPerNetwork: 100_000,
});
registerNotificationRoutes(http.registerMcpRoute, ({ productNumber, epoch }, takeOver) =>
  streams.open(productNumber, epoch, takeOver()),
);
http.useAuthentication({
  authenticateSession: () => Promise.reject(new Error('nobody')),
  authenticateApiKey: () => Promise.reject(new Error('nobody')),
  authenticateProduct: (token) =>
    Promise.resolve({ kind: 'product', productNumber: Number(token), epoch: 1 } as const),
  lookAgain: (actor) => Promise.resolve(actor),
});
await http.app.listen({ host: '127.0.0.1', port: 0 });
setInterval(() => streams.turn(), 1_000);
serveSubject({ port: (http.app.server.address() as AddressInfo).port, pid: process.pid });
