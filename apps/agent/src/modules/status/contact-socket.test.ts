import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../testing/eventually.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { askContactTimes, createContactSocket, parseTimes } from './contact-socket.ts';

const times = { lastContactAt: 1_800_000_000_000, lastFailureAt: undefined };

async function open(t: TestContext, path: string) {
  const log = createSilentLog();
  const socket = createContactSocket({ path, read: () => times, log });
  socket.open();
  t.after(() => socket.close());
  await eventually('the socket', () => existsSync(path));
  return { log, socket };
}

test('whoever may enter the folder is told the times, others are refused', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  await open(t, path);
  assert.deepEqual(await askContactTimes(path), times);
  await eventually('its mode', () => (statSync(path).mode & 0o777) === 0o600);
});

test('an agent that was killed leaves its socket behind, and the next one takes its place', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  writeFileSync(path, '');
  assert.equal(await askContactTimes(path), undefined);
  await open(t, path);
  await eventually('an answer', async () => (await askContactTimes(path)) !== undefined);
});

test('nobody answers where there is no agent, and after it has ended', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  assert.equal(await askContactTimes(path), undefined);
  const { socket } = await open(t, path);
  socket.close();
  assert.equal(await askContactTimes(path), undefined);
});

test('where no socket can be made the agent goes on without one', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  mkdirSync(join(path, 'in-the-way'), { recursive: true });
  const log = createSilentLog();
  const socket = createContactSocket({ path, read: () => times, log });
  socket.open();
  await eventually('a word of it', () => log.codes.length > 0);
  socket.close();
  const long = createContactSocket({
    path: `/${'x'.repeat(200)}`,
    read: () => times,
    log: createSilentLog(),
  });
  long.open();
  long.close();
});

test('who connects and says a lot is not listened to', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  await open(t, path);
  const hostile = connect(path);
  // It is cut off in the middle of its words.
  const failure = once(hostile, 'error');
  hostile.write('x'.repeat(10_000_000));
  await failure;
  assert.deepEqual(await askContactTimes(path), times);
});

test('an answer without an end is given up', async (t) => {
  const path = join(createTemporaryFolder(t), 's');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('x'.repeat(1_000_000));
  }).listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  assert.equal(await askContactTimes(path), undefined);
});

test('what is no answer of an agent is not taken for one', () => {
  const texts = [
    '',
    'null',
    '[]',
    '{}',
    '{"lastContactAt":1}',
    '{"lastContactAt":"1","lastFailureAt":null}',
    '{"lastContactAt":-1,"lastFailureAt":null}',
    '{"lastContactAt":8640000000000001,"lastFailureAt":null}',
    '{"lastContactAt":1e999,"lastFailureAt":null}',
    `{"lastContactAt":1,"lastFailureAt":null${' '.repeat(300)}}`,
  ];
  for (const text of texts) assert.equal(parseTimes(text), undefined, text);
  const most = '{"lastContactAt":8640000000000000,"lastFailureAt":0}';
  assert.deepEqual(parseTimes(most), { lastContactAt: 8_640_000_000_000_000, lastFailureAt: 0 });
});
