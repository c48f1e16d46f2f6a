import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { isPortClosed } from './closed-port.ts';

test('a port is open while somebody listens, and closed afterwards', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const at = { address: '127.0.0.1', port: address.port };
  assert.equal(await isPortClosed(at), false);
  server.close();
  await once(server, 'close');
  assert.equal(await isPortClosed(at), true);
});

test('an address to which there is no way says nothing of a port', async () => {
  assert.equal(await isPortClosed({ address: '255.255.255.255', port: 9 }), false);
});
