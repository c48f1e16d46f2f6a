import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startTestServer } from '../testing/test-server.ts';

const SIZE = 24_000_000;

test('a reader who takes a download and reads nothing does not hold up the stop', {
  timeout: 30_000,
}, async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-stop-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const file = path.join(folder, 'archive');
  await writeFile(file, Buffer.alloc(SIZE));
  const server = await startTestServer({
    isListening: true,
    prepare: (app) =>
      app.platform.registerDownload({
        name: 'test',
        path: '/files/:file',
        because: 'the file of a test holds nothing',
        find: async () =>
          await Promise.resolve({
            fileName: 'archive',
            contentType: 'application/gzip',
            sha256: 'a'.repeat(64),
            content: { path: file, sizeBytes: SIZE },
          }),
      }),
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.address}/files/archive`, { agent: false, rejectUnauthorized: false }, resolve).on(
      'error',
      reject,
    );
  });
  answer.on('error', () => undefined);
  assert.equal(answer.statusCode, 200);
  await server.close();
  answer.resume();
  if (!answer.closed) await new Promise((resolve) => answer.once('close', resolve));
  assert.ok(!answer.complete, 'it did not get all of it');
});
