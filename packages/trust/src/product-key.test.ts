import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { calculateJwkThumbprint } from 'jose';
import {
  calculateThumbprint,
  createProductKey,
  exportProductKey,
  importProductKey,
  importPublicJwk,
  parsePublicJwk,
} from './product-key.ts';

const key = createProductKey();

test('a key survives the way through its file', () => {
  const again = importProductKey(exportProductKey(key));
  assert.deepEqual(again.publicJwk, key.publicJwk);
  assert.equal(again.thumbprint, key.thumbprint);
});

test('the thumbprint is the one of RFC 7638', async () => {
  assert.equal(
    calculateThumbprint(key.publicJwk),
    await calculateJwkThumbprint({ ...key.publicJwk }, 'sha256'),
  );
});

test('the public part holds no private member', () => {
  assert.deepEqual(Object.keys(key.publicJwk).toSorted(), ['crv', 'kty', 'x', 'y']);
});

const pem = (curve: string): string =>
  generateKeyPairSync('ec', { namedCurve: curve })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });

const notKeys = {
  'an empty file': '',
  'a cut file': exportProductKey(key).slice(0, 100),
  'a key of another curve': pem('secp384r1'),
  'a key of secp256k1': pem('secp256k1'),
  'an RSA key': rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'a public key': rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

for (const [name, text] of Object.entries(notKeys)) {
  test(`${name} is refused as a product key`, () => {
    assert.throws(
      () => importProductKey(text),
      (error) => hasCode(error, 'PRODUCT_KEY_UNREADABLE'),
    );
  });
}

const { x, y } = key.publicJwk;
const notJwks: readonly unknown[] = [
  undefined,
  null,
  'text',
  [],
  {},
  { kty: 'EC', crv: 'P-256', x },
  { kty: 'EC', crv: 'P-256', x, y, d: x },
  { kty: 'EC', crv: 'P-256', x, y, kid: 'a' },
  { kty: 'RSA', crv: 'P-256', x, y },
  { kty: 'EC', crv: 'P-384', x, y },
  { kty: 'EC', crv: 'P-256', x: x.slice(1), y },
  { kty: 'EC', crv: 'P-256', x: `${x}A`, y },
  { kty: 'EC', crv: 'P-256', x: `${x.slice(0, -1)}=`, y },
  { kty: 'EC', crv: 'P-256', x: 5, y },
];

for (const [index, value] of notJwks.entries()) {
  test(`malformed public key ${index} is refused: ${JSON.stringify(value)?.slice(0, 60)}`, () => {
    assert.equal(parsePublicJwk(value), undefined);
  });
}

test('a point that does not lie on the curve gives no key', () => {
  const off = Buffer.from(y, 'base64url');
  off[31] = (off[31] ?? 0) ^ 1;
  const jwk = parsePublicJwk({ kty: 'EC', crv: 'P-256', x, y: off.toString('base64url') });
  assert(jwk !== undefined);
  assert.equal(importPublicJwk(jwk), undefined);
});
