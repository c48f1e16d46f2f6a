import assert from 'node:assert/strict';
import { test } from 'node:test';
import models from '@tufjs/models';
import fc from 'fast-check';
import { encodeCanonicalJson } from './canonical-json.ts';
import type { JsonValue } from './json.ts';

const text = (value: JsonValue): string => Buffer.from(encodeCanonicalJson(value)).toString();

test('members stand in order, and only quotes and backslashes are escaped', () => {
  assert.equal(
    text({ b: [1, -2, null], a: { d: true, c: 'x"\\\n/é' } }),
    '{"a":{"c":"x\\"\\\\\n/é","d":true},"b":[1,-2,null]}',
  );
});

test('the order is that of UTF-8, in which a surrogate pair comes after every other character', () => {
  assert.equal(text({ '\u{1f600}': 1, '\uffee': 2 }), '{"\uffee":2,"\u{1f600}":1}');
});

test('there are no fractions', () => {
  for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    assert.throws(() => encodeCanonicalJson(value), TypeError);
});

/** The bytes that another implementation would sign of the same. */
function signedByOthers(value: JsonValue): string {
  const timestamp = new models.Timestamp({
    version: 1,
    specVersion: '1.0.0',
    expires: '2027-01-01T00:00:00Z',
    unrecognizedFields: { value },
  } as ConstructorParameters<typeof models.Timestamp>[0]);
  let bytes = '';
  new models.Metadata(timestamp).sign((data) => {
    bytes = data.toString();
    return new models.Signature({ keyID: 'a', sig: '' });
  });
  return bytes;
}

test('agrees with another implementation', () => {
  const value = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value')),
      // It orders UTF-16; both are the same where there are no surrogates.
      fc.dictionary(fc.string({ unit: 'binary-ascii' }), tie('value'), { noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (one) => assert.ok(signedByOthers(one).endsWith(`"value":${text(one)},"version":1}`))),
  );
});
