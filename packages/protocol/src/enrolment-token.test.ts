import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import fc from 'fast-check';
import {
  encodeEnrolmentToken,
  type EnrolmentToken,
  EnrolmentTokenError,
  parseEnrolmentToken,
} from './enrolment-token.ts';

interface TokenVectors {
  readonly valid: readonly {
    readonly name: string;
    readonly token: string;
    readonly decoded: EnrolmentToken;
  }[];
  readonly refused: readonly { readonly name: string; readonly token: string; readonly code: string }[];
}

// The file is ours and its form is fixed by this test.
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/enrolment-tokens.json', import.meta.url), 'utf8'),
) as TokenVectors;
const sample = vectors.valid[0];
assert(sample !== undefined && vectors.refused.length > 20);

for (const { name, token, decoded } of vectors.valid) {
  test(`reads and writes the token of the vector: ${name}`, () => {
    assert.deepEqual(parseEnrolmentToken(token), decoded);
    assert.equal(encodeEnrolmentToken(decoded), token);
  });
}

for (const { name, token, code } of vectors.refused) {
  test(`refuses with ${code}: ${name}`, () => {
    assert.throws(
      () => parseEnrolmentToken(token),
      (error) => hasCode(error, code),
    );
  });
}

test('white space around a token, as copying leaves it, is ignored', () => {
  assert.deepEqual(parseEnrolmentToken(`\n  ${sample.token}\r\n`), sample.decoded);
});

test('a token cut anywhere is refused', () => {
  for (let length = 0; length < sample.token.length; length++) {
    assert.throws(
      () => parseEnrolmentToken(sample.token.slice(0, length)),
      EnrolmentTokenError,
      `length ${length}`,
    );
  }
});

test('one changed character is always found', () => {
  const alphabet = fc.constantFrom(...'ABCabc012-_.=+/ \u00e9');
  fc.assert(
    fc.property(fc.nat({ max: sample.token.length - 1 }), alphabet, (place, letter) => {
      fc.pre(sample.token[place] !== letter);
      const changed = sample.token.slice(0, place) + letter + sample.token.slice(place + 1);
      // A blank put at an end is white space around a shorter token, which is refused as well.
      assert.throws(() => parseEnrolmentToken(changed), EnrolmentTokenError);
    }),
    { numRuns: 2_000 },
  );
});

test('a refusal never repeats the token', () => {
  for (const { token } of vectors.refused) {
    assert.throws(
      () => parseEnrolmentToken(token),
      (error) =>
        error instanceof Error && (token.length < 8 || !JSON.stringify(error).includes(token.slice(4, 40))),
    );
  }
});

test('a token of at most 2,048 characters is made and read, and no longer one', () => {
  const long = `https://${['a', 'b', 'c', 'd'].map((letter) => letter.repeat(60)).join('.')}`;
  const withHost = (length: number): EnrolmentToken => ({
    ...sample.decoded,
    addresses: [
      long,
      long,
      long,
      long,
      long,
      `https://server-with-a-long-name-of-some-kind.${'e'.repeat(length)}`,
    ],
  });
  let longest = '';
  for (let length = 1; length <= 63; length++) {
    try {
      longest = encodeEnrolmentToken(withHost(length));
    } catch (error) {
      assert(error instanceof RangeError);
      break;
    }
  }
  assert(longest.length > 2_040 && longest.length <= 2_048, `${longest.length}`);
  assert.equal(parseEnrolmentToken(longest).addresses.length, 6);
  assert.throws(() => encodeEnrolmentToken(withHost(63)), RangeError);
  const tooLong = `hf1.${'A'.repeat(2_045)}`;
  assert.throws(
    () => parseEnrolmentToken(tooLong),
    (error) => hasCode(error, 'ENROLMENT_TOKEN_UNREADABLE'),
  );
  assert.throws(
    () => parseEnrolmentToken(' '.repeat(1_000_000)),
    (error) => hasCode(error, 'ENROLMENT_TOKEN_UNREADABLE'),
  );
});

test('a malformed field is a fault of the caller', () => {
  const wrong = [
    { addresses: [] },
    { addresses: ['http://a'] },
    { fingerprint: 'x' },
    { secret: '' },
    { tokenId: 'x' },
  ];
  for (const fields of wrong)
    assert.throws(() => encodeEnrolmentToken({ ...sample.decoded, ...fields }), RangeError);
});
