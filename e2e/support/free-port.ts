import { createServer } from 'node:net';
import { once } from 'node:events';

/** A TCP port of loopback that nobody holds now; another program may take it before it is used. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  server.close();
  await once(server, 'close');
  return address.port;
}
