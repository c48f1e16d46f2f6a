import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteTextPattern } from './notes.ts';

const noteText = new RegExp(noteTextPattern, 'u');

test('a note is any text in which something can be seen, with line breaks and tabs', () => {
  for (const text of [
    'x',
    'screen replaced\n\n\tby Alice\r\n',
    '<b>no markup</b>',
    'שלום \u200f!',
    '👩\u200d💻',
  ]) {
    assert.ok(noteText.test(text), JSON.stringify(text));
  }
});

test('control characters and what shows nothing at all are no note', () => {
  for (const text of ['', ' \n\t ', '\u200b', 'a\0b', 'a\u001b[2J', 'a\u0085b', '\ud800']) {
    assert.ok(!noteText.test(text), JSON.stringify(text));
  }
});
