import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrintableText } from './printable-text.ts';

test('a name in any script is printable, with what its script or its emoji need', () => {
  for (const name of [
    'a',
    'Berlin / Büro 3',
    'نص عربي',
    'नमस्ते',
    'می\u200cخواهم',
    '👩\u200d💻',
    '❤\ufe0f',
    '日本語',
    '٣',
    '…',
  ]) {
    assert.ok(isPrintableText(name), JSON.stringify(name));
  }
});

test('a text in which nothing can be seen is no name', () => {
  const invisible = [
    '',
    ' ',
    '\u00a0\u2003\u3000',
    '\u200b',
    '\u200b\u200c\u200d\u2060\ufeff',
    '\u00ad',
    '\u2800',
  ];
  const fillers = [
    '\u3164',
    '\uffa0',
    '\u115f\u1160',
    '\u180e',
    '\ufe0f',
    '\u{e0041}\u{e007f}',
    '\u0301',
    '\u034f',
  ];
  for (const name of [...invisible, ...fillers, ' \u200b \u200e', '\ud800']) {
    assert.ok(!isPrintableText(name), JSON.stringify(name));
  }
});

test('what steers a terminal or turns the direction of writing is in no name', () => {
  for (const sign of ['\0', '\n', '\u001b', '\u007f', '\u009b', '\u2028', '\u202e', '\u2066']) {
    assert.ok(!isPrintableText(`a${sign}b`), JSON.stringify(sign));
  }
});

test('a character that shows nothing makes no second name out of one that is taken', () => {
  for (const sign of [
    '\u00ad',
    '\u034f',
    '\u180e',
    '\u200b',
    '\u2060',
    '\u3164',
    '\ufeff',
    '\u{e0041}',
    '\u{e0100}',
  ]) {
    assert.ok(!isPrintableText(`pc-1${sign}`), JSON.stringify(sign));
  }
});
