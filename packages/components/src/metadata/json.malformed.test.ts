import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ComponentError } from '../component.errors.ts';
import { encodeCanonicalJson } from './canonical-json.ts';
import { type JsonValue, parseJson } from './json.ts';

const read = (text: string): JsonValue => parseJson(Buffer.from(text));
const isUnreadable = { code: 'METADATA_UNREADABLE' };

test('what JSON.parse would let pass and two readers understand differently is refused', () => {
  const texts = [
    '{"a":1,"a":2}',
    String.raw`{"a":1,"\u0061":2}`,
    '{"__proto__":1,"__proto__":2}',
    '1.0',
    '1e3',
    '-0',
    '9007199254740993',
    '99999999999999999999',
    String.raw`"\ud800"`,
    String.raw`"\udc00\ud800"`,
  ];
  for (const text of texts) assert.throws(() => read(text), isUnreadable, text);
});

test('what is no JSON is refused', () => {
  const texts = [
    '',
    ' ',
    '{',
    '[',
    '"',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{a:1}',
    "{'a':1}",
    '01',
    '+1',
    '.5',
    'NaN',
    'undefined',
    'nul',
    'truefalse',
    '1 1',
    '{}{}',
    '"a\nb"',
    '"\t"',
    String.raw`"\x41"`,
    String.raw`"\u12"`,
    '"\\',
    '/* */1',
    '\ufeff{}',
    '\u00a01',
  ];
  for (const text of texts) assert.throws(() => read(text), isUnreadable, JSON.stringify(text));
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), isUnreadable);
});

test('24 levels are read, 25 are not, and neither are a hundred thousand', () => {
  const nest = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  assert.ok(read(nest(24)));
  assert.throws(() => read(nest(25)), isUnreadable);
  assert.throws(() => read('['.repeat(100_000)), isUnreadable);
  assert.throws(() => read('{"a":'.repeat(100_000)), isUnreadable);
});

test('a member called __proto__ is a member', () => {
  const value = read('{"__proto__":{"admin":true}}') as Record<string, JsonValue>;
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal(({} as Record<string, unknown>)['admin'], undefined);
});

const jsonValue = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('reads as JSON.parse does, and reads back what is canonical', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const text = JSON.stringify(value);
      assert.equal(JSON.stringify(read(text)), JSON.stringify(JSON.parse(text)));
      const canonical = encodeCanonicalJson(read(text));
      // Canonical JSON escapes no control characters, which JSON wants escaped.
      if (!/[\u0000-\u001f]/.test(Buffer.from(canonical).toString())) {
        assert.deepEqual(encodeCanonicalJson(parseJson(canonical)), canonical);
      }
    }),
  );
});

test('any bytes are read or refused with a code', () => {
  const fragments = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u0041',
    '1',
    '-',
    '.',
    'true',
    'null',
    ' ',
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fragments).map((parts) => Buffer.from(parts.join(''))),
        fc.uint8Array(),
      ),
      (bytes) => {
        try {
          parseJson(bytes);
        } catch (error) {
          assert.ok(error instanceof ComponentError);
          return;
        }
        assert.doesNotThrow(() => JSON.parse(Buffer.from(bytes).toString()));
      },
    ),
    { numRuns: 2000 },
  );
});
