import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { findAddresses } from './name-lookup.ts';

/** A name server on loopback; what it hears it answers with what `answer` makes of it, or not at all. */
async function useNameServer(
  answer: (query: Buffer) => Buffer | undefined,
): Promise<AsyncDisposable & { readonly addresses: readonly string[] }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const said = answer(query);
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    addresses: [`127.0.0.1:${socket.address().port}`],
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** RFC 1035 section 4.1: the question comes back with a code, and with one address where it asks for that kind. */
function answerWith(query: Buffer, code: number, address?: readonly number[]): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  const nameEnd = query.indexOf(0, 12) + 1;
  const question = query.subarray(12, nameEnd + 4);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...(address ?? [])]);
  return Buffer.concat([head, question, ...(address === undefined ? [] : [record])]);
}

const asksFor4 = (query: Buffer): boolean => query.readUInt16BE(query.indexOf(0, 12) + 1) === 1;

test('a name has the addresses that its name server gives', async () => {
  await using server = await useNameServer((query) =>
    answerWith(query, 0, asksFor4(query) ? [192, 0, 2, 7] : undefined),
  );
  const found = await findAddresses('receiver.example', new AbortController().signal, server.addresses);
  assert.deepEqual(found, [{ address: '192.0.2.7', family: 4 }]);
});

test('a name that stands in a file of this computer is found where the name servers do not know it', async () => {
  await using server = await useNameServer((query) => answerWith(query, 3));
  const found = await findAddresses('localhost', new AbortController().signal, server.addresses);
  assert.ok(found.some(({ address }) => address === '127.0.0.1' || address === '::1'));
});

test('a name server that is silent is given up, at once when the caller gives up', async () => {
  const heard = Promise.withResolvers<void>();
  await using server = await useNameServer(() => {
    heard.resolve();
    return undefined;
  });
  const caller = new AbortController();
  // More than the threads that the system's own way would have for them.
  const asked = Array.from({ length: 12 }, (_, index) =>
    findAddresses(`slow${index}.example`, caller.signal, server.addresses),
  );
  const outcomes = Promise.allSettled(asked);
  await heard.promise;
  caller.abort();
  for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
});
