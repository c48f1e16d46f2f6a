import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createByteWriter } from './byte-writer.ts';

const hostile = 'a\u001b[2J\u009b1m\u202eb\rc';

test('a file or a pipe gets the bytes as they are', () => {
  const stdout = new PassThrough();
  const bytes = Buffer.concat([Buffer.from(`${hostile}\r\n`), Buffer.from([0xff, 0x00])]);
  createByteWriter(stdout)(bytes);
  assert.deepEqual(stdout.read(), bytes);
});

test('a terminal gets lines that cannot steer it, also when a character lies in two pieces', () => {
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  const write = createByteWriter(stdout);
  const bytes = Buffer.from('Zürich,\u202eevil\u001b[2J\r\nnext\r\n');
  for (const byte of bytes) write(Buffer.from([byte]));
  assert.equal(String(stdout.read()), 'Zürich,\uFFFDevil\uFFFD[2J\nnext\n');
});
