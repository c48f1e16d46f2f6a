import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { assertPortsFree } from './listen.ts';

const host = '127.0.0.1';

test('a taken TCP port is told, and whoever has it notices nothing', async (t) => {
  let connections = 0;
  const holder = createServer((socket) => {
    connections += 1;
    socket.end('still here');
  });
  holder.listen(0, host);
  await once(holder, 'listening');
  t.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  await assert.rejects(assertPortsFree(host, port, null), { code: 'PORT_IN_USE' });
  assert.equal(connections, 0);
  assert.equal(await text(connect(port, host)), 'still here');
});

test('a taken UDP port is told with its own variable', async (t) => {
  const holder = createSocket('udp4');
  holder.bind(0, host);
  await once(holder, 'listening');
  t.after(() => holder.close());
  let datagrams = 0;
  holder.on('message', () => {
    datagrams += 1;
  });
  const { port } = holder.address();
  await assert.rejects(assertPortsFree(host, 0, port), (error: { code?: string; remedy?: string }) => {
    assert.equal(error.code, 'PORT_IN_USE');
    assert.match(error.remedy ?? '', /HOLDFAST_UDP_PORT/);
    return true;
  });
  assert.equal(datagrams, 0);
});

test('free ports are free afterwards as well', async () => {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  await assertPortsFree(host, port, port);
  await assertPortsFree(host, port, port);
  await assertPortsFree(host, 0, null);
});

test('an address that this computer does not have is told', async () => {
  await assert.rejects(assertPortsFree('192.0.2.1', 18_443, null), { code: 'HOST_NOT_AVAILABLE' });
});
