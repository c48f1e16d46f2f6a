import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { readAnswer } from './https-exchange.ts';

test('an answer is read up to its bound, and not one byte further', async (t) => {
  const server = createServer((request, response) => {
    // In pieces and without a length, so that nothing but the bytes themselves tells how many there are.
    const length = Number(request.url?.slice(1));
    response.write(Buffer.alloc(Math.floor(length / 2)));
    response.end(Buffer.alloc(Math.ceil(length / 2)));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fetchBytes = async (count: number): Promise<IncomingMessage> => {
    const [answer] = (await once(
      get({ port, host: '127.0.0.1', path: `/${count}`, agent: false }),
      'response',
    )) as [IncomingMessage];
    return answer;
  };
  assert.equal((await readAnswer(await fetchBytes(1_000), 1_000)).body.length, 1_000);
  await assert.rejects(readAnswer(await fetchBytes(1_001), 1_000), (error) =>
    hasCode(error, 'SERVER_ANSWER_INVALID'),
  );
});
