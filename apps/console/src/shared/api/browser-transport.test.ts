import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserTransport } from './browser-transport.ts';

test('an answer hides nothing, and the lines of a text stay lines', async (t) => {
  const note = { text: 'one\ntwo \u202edesrever\u2066 \u200f\ufeff', name: 'می\u200cخواهم' };
  t.mock.method(globalThis, 'fetch', async () => new Response(JSON.stringify(note)));
  const { text } = await browserTransport({
    method: 'GET',
    target: '/api/v1/x',
    headers: {},
    body: undefined,
    signal: undefined,
  });
  assert.deepEqual(JSON.parse(text), {
    text: 'one\ntwo \uFFFDdesrever\uFFFD \uFFFD\uFFFD',
    name: 'می\u200cخواهم',
  });
});
