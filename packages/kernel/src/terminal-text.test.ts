import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFailure, formatFailureJson } from './failure.ts';
import { toOneLine, toTerminalJson, toTerminalLines, toTerminalText } from './terminal-text.ts';

const hostile = 'a\u001b[2J\u009b1m\u202eb\rc';

test('text loses what steers a terminal, and lines stay lines', () => {
  assert.equal(toTerminalText(`${hostile}\nd`), 'a\uFFFD[2J\uFFFD1m\uFFFDb\uFFFDc\uFFFDd');
  assert.equal(toTerminalLines(`${hostile}\nd`), 'a\uFFFD[2J\uFFFD1m\uFFFDb\uFFFDc\nd');
});

test('a sentence is kept on one line, shows what it hides, and is cut between characters', () => {
  assert.equal(toOneLine('no\r\nOK: all is well'), 'no OK: all is well');
  for (const code of [0x0085, 0x2028, 0x2029])
    assert.equal(toOneLine(`a${String.fromCodePoint(code)}b`), 'a b');
  for (const code of [
    0x00ad, 0x061c, 0x200b, 0x200e, 0x200f, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xe0041,
  ])
    assert.equal(toOneLine(`a${String.fromCodePoint(code)}b`), 'a\uFFFDb', code.toString(16));
  assert.equal(toOneLine('ab\u{1f600}', 3), 'ab\uFFFD');
  assert.equal(toOneLine('a\ud800'), 'a\uFFFD');
});

test('JSON means the same afterwards', () => {
  const safe = toTerminalJson(JSON.stringify({ name: hostile }, undefined, 2));
  assert.deepEqual(JSON.parse(safe), { name: hostile });
  assert.doesNotMatch(safe, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('what shows nothing is shown, and what scripts and emoji need stays', () => {
  assert.equal(toTerminalText('pc\u00ad-1\u180e\u{e0041}'), 'pc\uFFFD-1\uFFFD\uFFFD');
  assert.equal(toTerminalText('می\u200cخواهم 👩\u200d💻 ❤\ufe0f'), 'می\u200cخواهم 👩\u200d💻 ❤\ufe0f');
  assert.equal(
    toTerminalText('pc\u200d-1 \u200c\u200d'),
    'pc\uFFFD-1 \uFFFD',
    'joiners that join nothing hide',
  );
  const json = toTerminalJson(JSON.stringify({ name: 'a\u{e0041}\u00ad' }));
  assert.equal(json, '{"name":"a\\udb40\\udc41\\u00ad"}');
});

test('a failure that a stranger worded begins no line of its own; a stack of ours does', () => {
  const failure = { code: 'X', message: 'no\nholdfast: all is well', remedy: 'rest\r\u2028now' };
  assert.equal(
    formatFailure(failure),
    'holdfast: no\uFFFDholdfast: all is well (X)\n  → rest\uFFFD\uFFFDnow\n',
  );
  assert.equal(
    formatFailure({ code: 'INTERNAL_ERROR', message: 'Error\n    at here' }),
    'holdfast: Error\n    at here\n',
  );
});

test('a failure that a stranger worded cannot steer the terminal of whoever reads it', () => {
  const failure = { code: 'X', message: 'no\u001b]52;c;AAAA\u0007', remedy: 'try\u001b[2J' };
  assert.equal(formatFailure(failure), 'holdfast: no\uFFFD]52;c;AAAA\uFFFD (X)\n  → try\uFFFD[2J\n');
  assert.doesNotMatch(formatFailureJson({ code: 'X', message: '\u009b2J' }), /\u009b/u);
});
