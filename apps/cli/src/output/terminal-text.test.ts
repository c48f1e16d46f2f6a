import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createByteWriter, toTerminalJson, toTerminalLines, toTerminalText } from './terminal-text.ts';

const hostile = 'a\u001b[2J\u009b1m\u202eb\rc';

test('text loses what steers a terminal, and lines stay lines', () => {
  assert.equal(toTerminalText(`${hostile}\nd`), 'a\uFFFD[2J\uFFFD1m\uFFFDb\uFFFDc\uFFFDd');
  assert.equal(toTerminalLines(`${hostile}\nd`), 'a\uFFFD[2J\uFFFD1m\uFFFDb\uFFFDc\nd');
});

test('JSON means the same afterwards', () => {
  const safe = toTerminalJson(JSON.stringify({ name: hostile }, undefined, 2));
  assert.deepEqual(JSON.parse(safe), { name: hostile });
  assert.doesNotMatch(safe, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

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

test('what shows nothing is shown, and what scripts and emoji need stays', () => {
  assert.equal(toTerminalText('pc\u00ad-1\u180e\u{e0041}'), 'pc\uFFFD-1\uFFFD\uFFFD');
  assert.equal(toTerminalText('می\u200cخواهم 👩\u200d💻 ❤\ufe0f'), 'می\u200cخواهم 👩\u200d💻 ❤\ufe0f');
  const json = toTerminalJson(JSON.stringify({ name: 'a\u{e0041}\u00ad' }));
  assert.equal(json, '{"name":"a\\udb40\\udc41\\u00ad"}');
});
