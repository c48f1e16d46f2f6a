import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeHex } from './bytes.ts';

test('base64url gives back every byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.deepEqual(decodeBase64Url(encodeBase64Url(bytes)), bytes);
    }),
  );
});

test('base64url has one spelling: what is decoded encodes to the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABgw_-0=+/ \n'), maxLength: 12 }), (text) => {
      const bytes = decodeBase64Url(text);
      assert(bytes === undefined || encodeBase64Url(bytes) === text);
    }),
  );
});

for (const text of ['A', 'AAAAA', 'AA==', 'AAA=', 'AB', 'AAB', 'A+', 'A/', ' AA', 'AA\n', 'AÄ']) {
  test(`${JSON.stringify(text)} is not base64url`, () => assert.equal(decodeBase64Url(text), undefined));
}

test('only the bytes of the view are encoded, not those of the buffer behind it', () => {
  const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  assert.equal(encodeHex(view), '0203');
  assert.equal(encodeBase64Url(view), 'AgM');
});

test('UTF-8 gives back every well-formed text, also with a byte order mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(text.isWellFormed());
      assert.equal(decodeUtf8(Buffer.from(text, 'utf8')), text);
    }),
  );
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
});

const malformed = {
  'a lone continuation': [0x80],
  'a cut sequence': [0xc3],
  'an overlong slash': [0xc0, 0xaf],
  'a surrogate': [0xed, 0xa0, 0x80],
  'beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'a byte that never occurs': [0xff],
};

for (const [name, bytes] of Object.entries(malformed)) {
  test(`UTF-8 refuses ${name}`, () => assert.equal(decodeUtf8(Uint8Array.from(bytes)), undefined));
}
