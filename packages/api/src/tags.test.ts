import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTagName, MAX_TAG_NAME_LENGTH, tagKeyOf } from './tags.ts';

test('letters of any script, digits and four signs make the name of a tag', () => {
  for (const name of [
    'a',
    '7',
    'kiosk',
    'env:prod',
    'v1.2_3-4',
    '-x',
    'Büro',
    'नमस्ते',
    '日本',
    'e\u0301',
    'ﷺ',
  ]) {
    assert.ok(isTagName(name), JSON.stringify(name));
  }
});

test('nothing that cannot be seen, no white space and no other sign is in a name', () => {
  const signs = [
    ' ',
    '\n',
    '\0',
    ',',
    '/',
    '=',
    '"',
    '\u00a0',
    '\u200b',
    '\u200d',
    '\u00ad',
    '\u034f',
    '\ufe0f',
  ];
  const more = ['\u3164', '\u115f', '\u202e', '\ufeff', '\u{e0041}', '\u{e0100}', '😀', '\ud800'];
  for (const sign of [...signs, ...more]) {
    for (const name of [`a${sign}`, `${sign}a`, `a${sign}b`, sign]) {
      assert.ok(!isTagName(name), JSON.stringify(name));
    }
  }
  for (const name of ['', '-', '.:_', '\u0301a']) assert.ok(!isTagName(name), JSON.stringify(name));
});

test('a name has at most forty characters, also of those that take two places in memory', () => {
  for (const letter of ['x', '𝒳']) {
    assert.ok(isTagName(letter.repeat(MAX_TAG_NAME_LENGTH)));
    assert.ok(!isTagName(letter.repeat(MAX_TAG_NAME_LENGTH + 1)));
  }
});

test('capitals and ways to write a letter make no difference', () => {
  assert.equal(tagKeyOf('KIOSK'), tagKeyOf('kiosk'));
  assert.equal(tagKeyOf('Bu\u0308ro'), tagKeyOf('BÜRO'));
  assert.equal(tagKeyOf('ﬁle'), tagKeyOf('file'));
  assert.notEqual(tagKeyOf('a-b'), tagKeyOf('a_b'));
});
