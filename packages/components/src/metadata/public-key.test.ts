import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { toPublicKey } from './public-key.ts';

const bytes = Buffer.from('what is signed');
const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }).toString();
const hexOf = (key: KeyObject): string =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
const ed = generateKeyPairSync('ed25519');
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

const good = [
  {
    keytype: 'ed25519',
    scheme: 'ed25519',
    public: hexOf(ed.publicKey),
    signature: sign(null, bytes, ed.privateKey),
  },
  {
    keytype: 'ecdsa',
    scheme: 'ecdsa-sha2-nistp256',
    public: pemOf(ec.publicKey),
    signature: sign('sha256', bytes, ec.privateKey),
  },
  {
    keytype: 'ecdsa-sha2-nistp256',
    scheme: 'ecdsa-sha2-nistp256',
    public: pemOf(ec.publicKey),
    signature: sign('sha256', bytes, ec.privateKey),
  },
  {
    keytype: 'rsa',
    scheme: 'rsassa-pss-sha256',
    public: pemOf(rsa.publicKey),
    signature: sign('sha256', bytes, { key: rsa.privateKey, ...pss }),
  },
];

test('the three schemes of the specification verify what their key signed, and nothing else', () => {
  for (const { keytype, scheme, public: text, signature } of good) {
    const key = toPublicKey('id', { keytype, scheme, keyval: { public: text } });
    assert.equal(key.isSignedBy(signature, bytes), true, scheme);
    assert.equal(key.isSignedBy(signature, Buffer.from('what is sign3d')), false, scheme);
    const changed = Buffer.from(signature);
    changed[10] = (changed[10] ?? 0) ^ 1;
    for (const wrong of [
      changed,
      signature.subarray(1),
      new Uint8Array(),
      Buffer.alloc(64),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ])
      assert.equal(key.isSignedBy(wrong, bytes), false, scheme);
  }
});

test('a key that cannot be used verifies nothing, and is not counted as another', () => {
  const [first] = good;
  assert.ok(first);
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const otherCurve = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const keys = [
    { keytype: 'ed25519', scheme: 'toString', keyval: { public: first.public } },
    { keytype: 'rsa', scheme: 'ed25519', keyval: { public: first.public } },
    { keytype: 'ed25519', scheme: 'ed25519' },
    { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: `${first.public}00` } },
    { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: pemOf(ed.publicKey) } },
    { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pemOf(otherCurve.publicKey) } },
    { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pemOf(ed.publicKey) } },
    {
      keytype: 'ecdsa',
      scheme: 'ecdsa-sha2-nistp256',
      keyval: { public: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n' },
    },
    { keytype: 'rsa', scheme: 'rsassa-pss-sha256', keyval: { public: pemOf(weak.publicKey) } },
    {
      keytype: 'rsa',
      scheme: 'rsassa-pss-sha256',
      keyval: { public: String(rsa.privateKey.export({ format: 'pem', type: 'pkcs8' })) },
    },
  ];
  for (const json of keys) {
    const key = toPublicKey('id', json);
    assert.equal(key.fingerprint, undefined, JSON.stringify(json).slice(0, 100));
    for (const { signature } of good) assert.equal(key.isSignedBy(signature, bytes), false);
  }
});

test('a PKCS#1 v1.5 signature is none of a PSS key', () => {
  const key = toPublicKey('id', {
    keytype: 'rsa',
    scheme: 'rsassa-pss-sha256',
    keyval: { public: pemOf(rsa.publicKey) },
  });
  assert.equal(key.isSignedBy(sign('sha256', bytes, rsa.privateKey), bytes), false);
});
