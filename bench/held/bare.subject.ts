import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createBenchCertificate } from '../https/certificate.ts';
import { serveSubject } from '../subject.ts';

/** The reference: the runtime's own HTTPS server with an answer that stays open. */
const server = createServer({ ...(await createBenchCertificate()), minVersion: 'TLSv1.2' }, (_, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  response.flushHeaders();
  response.socket?.setTimeout(0);
});
server.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
serveSubject({ port: (server.address() as AddressInfo).port, pid: process.pid });
