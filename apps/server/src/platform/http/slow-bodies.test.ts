import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { defaultRequestLimits } from './request-limits.ts';

const PATH = '/mcp/v1/registrations';
const BODY = '{"name":"x"}';
const clock = createTestClock();
let http: HttpServer;
before(async () => {
  http = await createHttpServer({
    clock,
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    limits: {
      ...defaultRequestLimits,
      maxStrangerBodyBytes: 100_000,
      bodyPatienceMs: 3_000,
      refusalPauseMs: 0,
    },
  });
  http.registerMcpRoute(
    {
      name: 'planted',
      method: 'POST',
      path: PATH,
      access: 'self-proving',
      requestClass: 'registration',
      bodyLimit: 60_000,
      body: Type.Object({ name: Type.String() }),
      response: Type.Object({}),
    },
    async () => ({}),
  );
  await http.app.listen({ host: '127.0.0.1', port: 0 });
});
after(() => http.app.close());

/** Announces a body of so many bytes and sends these. */
async function begin(bytes: number, sent: string): Promise<Socket> {
  const socket = connect((http.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n${sent}`,
  );
  return socket;
}

/** Returns when the server has seen everything that was written before. */
async function untilSeen(): Promise<void> {
  const whole = await begin(BODY.length, BODY);
  assert.match(await readStatus(whole), /^HTTP\/1\.1 (200|503) /);
  whole.destroy();
}

async function readStatus(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString('latin1').split('\r\n')[0] ?? '';
}

test('bodies that never end keep nobody out for longer than a body may take', async () => {
  const slow = await begin(50_000, '{');
  await untilSeen();
  const second = await begin(50_000, '{');
  await untilSeen();
  const early = await begin(BODY.length, BODY);
  assert.match(
    await readStatus(early),
    / 503 /,
    'there is no room, and those who have it may still be honest',
  );
  clock.advance(3_001);
  const ended = once(slow, 'close');
  const late = await begin(BODY.length, BODY);
  assert.match(await readStatus(late), / 200 /);
  await ended;
  assert.equal(second.destroyed, false, 'the slowest alone gave way');
  for (const socket of [second, early, late]) socket.destroy();
});
