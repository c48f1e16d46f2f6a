import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { isPortClosed } from './closed-port.ts';

test('a UDP port is open while somebody has it, silent or not, and closed afterwards', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const at = { address: '127.0.0.1', port: socket.address().port };
  assert.equal(await isPortClosed('udp', at), false);
  socket.close();
  await once(socket, 'close');
  assert.equal(await isPortClosed('udp', at), true);
});

test('a TCP port is open while somebody listens, and closed afterwards', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const at = { address: '127.0.0.1', port: address.port };
  assert.equal(await isPortClosed('direct', at), false);
  server.close();
  await once(server, 'close');
  assert.equal(await isPortClosed('direct', at), true);
});

test('an address to which there is no way says nothing of a port', async () => {
  for (const way of ['udp', 'direct'] as const)
    assert.equal(await isPortClosed(way, { address: '255.255.255.255', port: 9 }), false);
});
