import assert from 'node:assert/strict';
import { createHash, sign } from 'node:crypto';
import { test } from 'node:test';
import { AppError } from '@holdfast/kernel';
import { compactVerify, importJWK, SignJWT } from 'jose';
import {
  type AssertionContent,
  type AssertionExpectation,
  createAssertionSigner,
  formatAudience,
  parseAssertion,
  signAssertion,
  type VerifiedAssertion,
  verifyAssertion,
} from './assertion.ts';
import { createProductKey, type ProductKey } from './product-key.ts';

const key = createProductKey();
const nowMs = 1_795_312_800_000;
const request = '{"product":"ä"}';
const content: AssertionContent = {
  purpose: 'handshake',
  audience: formatAudience('fingerprint'),
  nonce: 'nonce-1',
  request,
  issuedAtMs: nowMs,
};
const expected: AssertionExpectation = {
  purpose: 'handshake',
  audience: 'holdfast:fingerprint',
  nonce: 'nonce-1',
  request,
  nowMs,
};

const digest = createHash('sha256').update(request, 'utf8').digest('base64url');
const claims = {
  iss: key.thumbprint,
  sub: key.thumbprint,
  aud: 'holdfast:fingerprint',
  nonce: 'nonce-1',
  iat: nowMs / 1_000,
  exp: nowMs / 1_000 + 60,
  jti: 'id-1',
  purpose: 'handshake',
  digest,
};
const header = { alg: 'ES256', typ: 'mcp-assertion+jwt', jwk: key.publicJwk };

/** A token with any header and claims, correctly signed by `signer`. */
function forge(
  changes: { header?: object; claims?: object; raw?: string },
  signer: ProductKey = key,
): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = changes.raw ?? encode({ ...claims, ...changes.claims });
  const text = `${encode({ ...header, ...changes.header })}.${body}`;
  const signature = sign('sha256', Buffer.from(text), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

async function verify(
  token: string,
  changes: Partial<AssertionExpectation> = {},
): Promise<VerifiedAssertion> {
  return await verifyAssertion(parseAssertion(token), { ...expected, ...changes });
}

async function refuses(
  token: string,
  reason: string,
  changes: Partial<AssertionExpectation> = {},
): Promise<void> {
  await assert.rejects(
    async () => await verify(token, changes),
    (error) => {
      assert(error instanceof AppError);
      assert.equal(error.code, 'ASSERTION_INVALID');
      assert.equal(error.facts['reason'], reason);
      return true;
    },
  );
}

test('what a key signs is proven, and says who signed it', async () => {
  const verified = await verify(await createAssertionSigner(key).signAssertion(content));
  assert.equal(verified.verified, true);
  assert.equal(verified.thumbprint, key.thumbprint);
  assert.equal(verified.nonce, 'nonce-1');
  assert.deepEqual(verified.publicJwk, key.publicJwk);
  await verify(forge({}));
});

test('an assertion is a JWS that jose verifies, and one that jose signs is accepted', async () => {
  const token = signAssertion(key, content);
  const { protectedHeader } = await compactVerify(token, await importJWK({ ...key.publicJwk }, 'ES256'));
  assert.deepEqual(protectedHeader, header);
  const theirs = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'mcp-assertion+jwt', jwk: { ...key.publicJwk } })
    .sign(key.privateKey);
  assert.equal((await verify(theirs)).assertionId, 'id-1');
});

test('two assertions of the same content differ in their id', async () => {
  const [first, second] = [
    await verify(signAssertion(key, content)),
    await verify(signAssertion(key, content)),
  ];
  assert.notEqual(first.assertionId, second.assertionId);
});

const wrongHeaders: readonly [string, object][] = [
  ['no algorithm', { alg: 'none' }],
  ['a symmetric algorithm', { alg: 'HS256' }],
  ['another curve', { alg: 'ES384' }],
  ['another type', { typ: 'JWT' }],
  ['no type', { typ: undefined }],
  ['no key', { jwk: undefined }],
  ['a key id instead', { jwk: undefined, kid: key.thumbprint }],
  ['a key id beside', { kid: key.thumbprint }],
  ['a critical extension', { crit: ['b64'] }],
  ['unencoded payload', { b64: false }],
  ['a key address', { jku: 'https://example.org' }],
  ['a key with its private part', { jwk: key.privateKey.export({ format: 'jwk' }) }],
];

for (const [name, change] of wrongHeaders) {
  test(`a header with ${name} is refused`, async () => await refuses(forge({ header: change }), 'header'));
}

const wrongForms: readonly [string, object][] = [
  ['an unknown claim', { extra: 1 }],
  ['a missing claim', { jti: undefined }],
  ['an audience list', { aud: ['holdfast:fingerprint'] }],
  ['a time as text', { iat: '5' }],
  ['a time with a fraction', { exp: 5.5 }],
  ['a negative time', { iat: -1 }],
  ['an empty nonce', { nonce: '' }],
  ['a claim too long', { jti: 'a'.repeat(257) }],
];

for (const [name, change] of wrongForms) {
  test(`claims with ${name} are refused`, async () => await refuses(forge({ claims: change }), 'claims'));
}

const other = createProductKey();
const wrongClaims: readonly [string, object, string][] = [
  ['for registration', { purpose: 'registration' }, 'purpose'],
  ['for another server', { aud: 'holdfast:other' }, 'audience'],
  ['for another challenge', { nonce: 'nonce-2' }, 'nonce'],
  ['by another issuer', { iss: other.thumbprint }, 'subject'],
  ['about another product', { sub: other.thumbprint }, 'subject'],
  ['over another request', { digest: digest.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }, 'digest'],
  ['that lives 61 seconds', { exp: claims.iat + 61 }, 'lifetime'],
  ['that ends before it begins', { exp: claims.iat }, 'lifetime'],
  ['from the future', { iat: claims.iat + 6, exp: claims.iat + 66 }, 'time'],
  ['that has expired', { iat: claims.iat - 65, exp: claims.iat - 5 }, 'time'],
];

for (const [name, change, reason] of wrongClaims) {
  test(`an assertion ${name} is refused`, async () => await refuses(forge({ claims: change }), reason));
}

test('a difference of five seconds between servers is allowed', async () => {
  await verify(forge({ claims: { iat: claims.iat + 5, exp: claims.iat + 65 } }));
  await verify(forge({ claims: { iat: claims.iat - 64, exp: claims.iat - 4 } }));
});

test('a time that is no number refuses', async () => {
  await refuses(forge({}), 'time', { nowMs: Number.NaN });
});

test('a key that did not sign is refused: the header names one key and another signed', async () => {
  await refuses(forge({}, other), 'signature');
  await refuses(forge({ header: { jwk: other.publicJwk } }), 'subject');
  const claimsOfOther = { iss: other.thumbprint, sub: other.thumbprint };
  await refuses(forge({ header: { jwk: other.publicJwk }, claims: claimsOfOther }), 'signature');
});

test('a request that differs in one byte is refused', async () => {
  await refuses(forge({}), 'digest', { request: `${request} ` });
});

test('a point off the curve is refused', async () => {
  const jwk = { ...key.publicJwk, y: key.publicJwk.x };
  const thumbprint = parseAssertion(forge({ header: { jwk } })).thumbprint;
  await refuses(forge({ header: { jwk }, claims: { iss: thumbprint, sub: thumbprint } }), 'key');
});

test('any single changed character is refused', async () => {
  const token = forge({});
  for (let place = 0; place < token.length; place += 3) {
    const letter = token[place] === 'A' ? 'B' : 'A';
    const changed = token.slice(0, place) + letter + token.slice(place + 1);
    await assert.rejects(async () => await verify(changed), AppError, `place ${place}`);
  }
});

const malformed = [
  '',
  '..',
  'a.b',
  'a.b.c.d',
  forge({}).slice(0, -1),
  `${forge({})}A`,
  `${forge({})}=`,
  forge({ raw: Buffer.from('{').toString('base64url') }),
  forge({ raw: Buffer.from('[]').toString('base64url') }),
  forge({ raw: Buffer.from([0x22, 0xff, 0x22]).toString('base64url') }),
  `${'a'.repeat(2_000)}.${'b'.repeat(40)}.${'c'.repeat(86)}`,
];

for (const [index, token] of malformed.entries()) {
  test(`malformed token ${index} is refused`, () => assert.throws(() => parseAssertion(token), AppError));
}
