import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFailure, formatFailureJson } from './failure.ts';
import { toTerminalJson, toTerminalLines, toTerminalText } from './terminal-text.ts';

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

test('what shows nothing is shown, and what scripts and emoji need stays', () => {
  assert.equal(toTerminalText('pc\u00ad-1\u180e\u{e0041}'), 'pc\uFFFD-1\uFFFD\uFFFD');
  assert.equal(toTerminalText('می\u200cخواهم 👩\u200d💻 ❤\ufe0f'), 'می\u200cخواهم 👩\u200d💻 ❤\ufe0f');
  const json = toTerminalJson(JSON.stringify({ name: 'a\u{e0041}\u00ad' }));
  assert.equal(json, '{"name":"a\\udb40\\udc41\\u00ad"}');
});

test('a failure that a stranger worded cannot steer the terminal of whoever reads it', () => {
  const failure = { code: 'X', message: 'no\u001b]52;c;AAAA\u0007', remedy: 'try\u001b[2J' };
  assert.equal(formatFailure(failure), 'holdfast: no\uFFFD]52;c;AAAA\uFFFD (X)\n  → try\uFFFD[2J\n');
  assert.doesNotMatch(formatFailureJson({ code: 'X', message: '\u009b2J' }), /\u009b/u);
});
