import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanName, foldName } from './name-text.ts';
import { isPrintableText } from './printable-text.ts';

const character = fc
  .oneof(fc.integer({ min: 1, max: 0x2fff }), fc.integer({ min: 1, max: 0x10_ffff }))
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const texts = fc.array(character, { minLength: 1, maxLength: 20 }).map((parts) => parts.join(''));

test('names that are one to their readers have one form', () => {
  for (const [one, other] of [
    ['Berlin', 'BERLIN'],
    ['Zoë', 'Zoe\u0308'],
    ['ＡＢＣ', 'abc'],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['ﬁle', 'FILE'],
    ['İSTANBUL', 'istanbul'],
    ['I\u0307STANBUL', 'istanbul'],
    ['Iğdır', 'IĞDIR'],
    ['ISPARTA', 'ısparta'],
    ['soft\u00adhyphen', 'SoftHyphen'],
    ['ŊĐ', 'ŋđ'],
    ['ДЖОН', 'джон'],
    ['2\u2075', '25'],
    ['\u212a9', 'k9'],
  ]) {
    assert.equal(foldName(one ?? ''), foldName(other ?? ''), `${one} ${other}`);
  }
  assert.ok(foldName('İSTANBUL-ı').includes(foldName('istanbul')));
  assert.notEqual(foldName('Müller'), foldName('Muller'));
});

test('folding twice is folding once, and capitals never matter', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = foldName(text);
      assert.equal(foldName(once), once);
      assert.equal(foldName(text.toUpperCase()), foldName(text.toUpperCase().toLowerCase()));
    }),
  );
});

test('what cannot be printed is removed, and the rest stays', () => {
  assert.equal(cleanName(' lap\u0007top\u00ad-\u202e17\u200b '), 'laptop-17');
  assert.equal(cleanName('Zoe\u0308s PC'), 'Zoës PC');
  assert.equal(cleanName('👩\u200d💻 desk'), '👩\u200d💻 desk');
  assert.equal(cleanName('\u0000\u200b'), '');
  fc.assert(
    fc.property(texts, (text) => {
      const clean = cleanName(text);
      assert.ok(isPrintableText(`x${clean}`), JSON.stringify(clean));
      if (isPrintableText(text)) assert.equal(clean, text.normalize('NFC').trim());
    }),
  );
});
