import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { defineRoute, type Problem } from '@holdfast/api';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

let http: HttpServer;
let served = 0;
before(async () => {
  http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
  });
  const access = { public: true, because: 'planted by a test for everybody' } as const;
  http.registerRoute(
    defineRoute({ name: 'ok', method: 'GET', path: '/api/v1/ok', tag: 'Test', summary: 'planted', access }),
    async () => {
      served += 1;
      return null;
    },
  );
  http.registerRoute(
    defineRoute({
      name: 'take',
      method: 'POST',
      path: '/api/v1/take',
      tag: 'Test',
      summary: 'planted',
      access,
      body: Type.Unknown(),
    }),
    async () => {
      served += 1;
      return null;
    },
  );
  await http.app.listen({ host: '127.0.0.1', port: 0 });
});
after(() => http.app.close());

/** Sends bytes on a connection of their own; resolves with all that comes back when the server has ended it. */
async function send(bytes: string): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect((http.app.server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

const GET = 'GET /api/v1/ok HTTP/1.1\r\n';
const POST = 'POST /api/v1/take HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

/** Each with the section of RFC 9112 (or 9110) that says so. */
const malformed: Readonly<Record<string, string>> = {
  'no host (3.2)': `${GET}\r\n`,
  'two hosts (3.2)': `${GET}host: x\r\nhost: x\r\n\r\n`,
  'two hosts of another spelling (3.2)': `${GET}Host: x\r\nHOST: y\r\n\r\n`,
  'a host with a blank (3.2)': `${GET}host: x y\r\n\r\n`,
  'a host with a path (3.2)': `${GET}host: x/y\r\n\r\n`,
  'a host with a name of a user (3.2)': `${GET}host: me@x\r\n\r\n`,
  'two hosts in one (3.2)': `${GET}host: x, y\r\n\r\n`,
  'a port that is none (9110, 7.2)': `${GET}host: x:http\r\n\r\n`,
  'a fragment (3.2)': 'GET /api/v1/ok#part HTTP/1.1\r\nhost: x\r\n\r\n',
  'no target (3)': 'GET HTTP/1.1\r\nhost: x\r\n\r\n',
  'a blank in the target (3)': 'GET /api/v1/ok ?a HTTP/1.1\r\nhost: x\r\n\r\n',
  'a method in small letters that is none (9110, 9.1)': 'get /api/v1/ok HTTP/1.1\r\nhost: x\r\n\r\n',
  'no version (3)': 'GET /api/v1/ok\r\nhost: x\r\n\r\n',
  'version 0.9 (2.3)': 'GET /api/v1/ok HTTP/0.9\r\nhost: x\r\n\r\n',
  'version 1.2 (2.3)': 'GET /api/v1/ok HTTP/1.2\r\nhost: x\r\n\r\n',
  'version 2.0 (2.3)': 'GET /api/v1/ok HTTP/2.0\r\nhost: x\r\n\r\n',
  'a version in small letters (2.3)': 'GET /api/v1/ok http/1.1\r\nhost: x\r\n\r\n',
  'a blank before the first header (2.2)': `${GET} x: y\r\nhost: x\r\n\r\n`,
  'a blank before the colon (5.1)': `${GET}host : x\r\n\r\n`,
  'a header without a colon (5)': `${GET}host: x\r\nx-some\r\n\r\n`,
  'a header without a name (5)': `${GET}host: x\r\n: y\r\n\r\n`,
  'a name with a character that none has (9110, 5.6.2)': `${GET}host: x\r\nx(y): z\r\n\r\n`,
  'a folded header (5.2)': `${GET}host: x\r\nx-some: a\r\n b\r\n\r\n`,
  'a NUL in a value (9110, 5.5)': `${GET}host: x\r\nx-some: a\0b\r\n\r\n`,
  'a lone carriage return in a value (2.2)': `${GET}host: x\r\nx-some: a\rb\r\n\r\n`,
  'lines that end with a line feed alone (2.2)': 'GET /api/v1/ok HTTP/1.1\nhost: x\n\n',
  'a length and chunks (6.1)': `${POST}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks and a length (6.1)': `${POST}transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n`,
  'two lengths (6.3)': `${POST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
  'two lengths that agree (6.3)': `${POST}content-length: 1\r\ncontent-length: 1\r\n\r\na`,
  'a list of lengths (6.3)': `${POST}content-length: 1, 1\r\n\r\na`,
  'a length with a sign (9110, 8.6)': `${POST}content-length: +1\r\n\r\na`,
  'a length below nothing (9110, 8.6)': `${POST}content-length: -1\r\n\r\na`,
  'a length to the base of sixteen (9110, 8.6)': `${POST}content-length: 0x1\r\n\r\na`,
  'a length beyond all numbers (6.3)': `${POST}content-length: 99999999999999999999\r\n\r\na`,
  'chunks that are not the last coding (6.3)': `${POST}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  'a coding that nobody knows (6.1)': `${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunks twice (6.1)': `${POST}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'chunks in two headers (6.1)': `${POST}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks with HTTP/1.0 (6.1)':
    'POST /api/v1/take HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a size of a chunk that is none (7.1)': `${POST}transfer-encoding: chunked\r\n\r\nx\r\n\r\n`,
  'a size of a chunk with a prefix (7.1)': `${POST}transfer-encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`,
  'a chunk that is longer than it says (7.1)': `${POST}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
  'a chunk that ends with a line feed alone (7.1)': `${POST}transfer-encoding: chunked\r\n\r\n1\na\n0\n\n`,
};

for (const [what, bytes] of Object.entries(malformed)) {
  test(`a request with ${what} is refused, and its connection ends`, async () => {
    const before = served;
    const answer = await send(bytes);
    assert.match(answer, /^HTTP\/1\.1 (400|501) /, answer);
    assert.match(answer.toLowerCase(), /\r\nconnection: close\r\n/);
    const problem = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Problem;
    assert.equal(problem.code, 'REQUEST_MALFORMED');
    assert.equal(served, before);
  });
}

const close = 'connection: close\r\n\r\n';

for (const [what, bytes] of Object.entries({
  'an empty host': `${GET}host:\r\n${close}`,
  'a host with a port': `${GET}host: server.example:8443\r\n${close}`,
  'an address of IPv6': `${GET}host: [2001:db8::1]:8443\r\n${close}`,
  'the whole address as its target (3.2.2)': `GET http://x/api/v1/ok HTTP/1.1\r\nhost: x\r\n${close}`,
  'an empty line before it (2.2)': `\r\n${GET}host: x\r\n${close}`,
  'blanks around a value (5.1)': `${GET}host: x\r\nx-some: \t a \t \r\n${close}`,
  'version 1.0': 'GET /api/v1/ok HTTP/1.0\r\nhost: x\r\n\r\n',
  'version 1.0 and no host': 'GET /api/v1/ok HTTP/1.0\r\n\r\n',
  'a body in chunks (7.1)': `${POST}transfer-encoding: Chunked\r\n${close.slice(0, -2)}\r\n2\r\n{}\r\n0\r\n\r\n`,
})) {
  test(`a request with ${what} is served`, async () => {
    assert.match(await send(bytes), /^HTTP\/1\.1 204 /);
  });
}
