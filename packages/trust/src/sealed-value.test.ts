import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { createAccessToken, verifyAccessToken } from './access-token.ts';
import { createChallenge, verifyChallenge } from './challenge.ts';
import { deriveKey, KeyLabel } from './key-derivation.ts';
import { sealReceipt, verifyReceipt } from './sealed-receipt.ts';

const master = createSecretKey(Buffer.alloc(32, 3));
const keys = {
  token: deriveKey(master, KeyLabel.accessToken),
  challenge: deriveKey(master, KeyLabel.challenge),
  receipt: deriveKey(master, KeyLabel.receipt),
};
const nowMs = 1_795_312_800_000;
const lifetime = { nowMs, lifetimeMs: 60_000 };

const token = createAccessToken(keys.token, { productNumber: 42, epoch: 3, expiresAtMs: nowMs + 1 });
const challenge = createChallenge(keys.challenge, nowMs, new Uint8Array(16).fill(5));
const receiptContent = {
  productNumber: Number.MAX_SAFE_INTEGER,
  thumbprint: Buffer.alloc(32, 9).toString('base64url'),
  deviceId: '0194fdc2-fa2f-7cc0-81d3-ff12045b73c8',
  groupId: '0194fdc2-fa2f-7cc0-81d3-ff12045b73c9',
  groupPath: ['Büro', 'Server / neu'],
  issuedAtMs: nowMs,
};
const receipt = sealReceipt(keys.receipt, receiptContent);

const kinds = [
  {
    name: 'access token',
    text: token,
    verify: (text: string, key = keys.token) => verifyAccessToken(key, text, nowMs),
    code: 'ACCESS_TOKEN_INVALID',
  },
  {
    name: 'challenge',
    text: challenge,
    verify: (text: string, key = keys.challenge) => verifyChallenge(key, text, lifetime),
    code: 'CHALLENGE_INVALID',
  },
  {
    name: 'receipt',
    text: receipt,
    verify: (text: string, key = keys.receipt) => verifyReceipt(key, text),
    code: 'RECEIPT_INVALID',
  },
] as const;

for (const { name, text, verify, code } of kinds) {
  const refuses = (changed: string, key?: typeof master): void =>
    assert.throws(
      () => verify(changed, key),
      (error) => hasCode(error, code),
      changed.slice(0, 40),
    );

  test(`a ${name} of this server is proven`, () => assert.equal(verify(text).verified, true));

  test(`a ${name} with any changed, missing or added character is refused`, () => {
    for (let place = 0; place < text.length; place++) {
      const letter = text[place] === 'A' ? 'B' : 'A';
      refuses(text.slice(0, place) + letter + text.slice(place + 1));
      refuses(text.slice(0, place));
    }
    for (const more of ['A', 'AAAA', '=', ' ', '\n']) refuses(text + more);
    refuses('A'.repeat(1_000_000));
  });

  test(`a ${name} of another server is refused`, () => {
    const foreign = createSecretKey(Buffer.alloc(32, 4));
    for (const label of Object.values(KeyLabel)) refuses(text, deriveKey(foreign, label));
  });

  test(`a ${name} is refused where another kind is wanted`, () => {
    for (const kind of kinds) {
      if (kind.name === name) continue;
      assert.throws(
        () => kind.verify(text),
        (error) => hasCode(error, kind.code),
      );
    }
  });

  test(`a ${name} sealed under the key of another purpose is refused`, () => {
    for (const kind of kinds) if (kind.name !== name) refuses(kind.text);
  });
}

test('an access token says product, epoch and end, and is good until then', () => {
  const { verified: _, ...content } = verifyAccessToken(keys.token, token, nowMs);
  assert.deepEqual(content, { productNumber: 42, epoch: 3, expiresAtMs: nowMs + 1 });
  for (const late of [nowMs + 1, nowMs + 2, Number.NaN]) {
    assert.throws(
      () => verifyAccessToken(keys.token, token, late),
      (error) => hasCode(error, 'ACCESS_TOKEN_EXPIRED'),
    );
  }
});

test('numbers that do not fit a token are a fault of the caller', () => {
  const good = { productNumber: 1, epoch: 1, expiresAtMs: 1 };
  for (const wrong of [
    { productNumber: -1 },
    { epoch: 2 ** 32 },
    { expiresAtMs: 2 ** 48 },
    { productNumber: 1.5 },
  ]) {
    assert.throws(() => createAccessToken(keys.token, { ...good, ...wrong }), RangeError);
  }
});

test('a challenge is good for its lifetime, and one of the future no longer than that', () => {
  assert.equal(verifyChallenge(keys.challenge, challenge, lifetime).expiresAtMs, nowMs + 60_000);
  verifyChallenge(keys.challenge, challenge, { nowMs: nowMs + 59_999, lifetimeMs: 60_000 });
  verifyChallenge(keys.challenge, challenge, { nowMs: nowMs - 59_999, lifetimeMs: 60_000 });
  for (const wrongMs of [nowMs + 60_000, nowMs - 60_000, Number.NaN]) {
    assert.throws(
      () => verifyChallenge(keys.challenge, challenge, { nowMs: wrongMs, lifetimeMs: 60_000 }),
      (error) => hasCode(error, 'CHALLENGE_INVALID'),
    );
  }
});

test('a challenge needs 16 random bytes', () => {
  assert.throws(() => createChallenge(keys.challenge, nowMs, new Uint8Array(15)), RangeError);
});

test('a receipt gives back all it was made of', () => {
  const { verified: _, ...content } = verifyReceipt(keys.receipt, receipt);
  assert.deepEqual(content, receiptContent);
});

test('a receipt with a group path that does not fit leaves it out and stays within 4,096 characters', () => {
  const groupPath = Array.from({ length: 64 }, () => 'x'.repeat(100));
  const text = sealReceipt(keys.receipt, { ...receiptContent, groupPath });
  assert.deepEqual(verifyReceipt(keys.receipt, text).groupPath, []);
  const longest = sealReceipt(keys.receipt, { ...receiptContent, groupPath: ['x'.repeat(2_044)] });
  assert.equal(verifyReceipt(keys.receipt, longest).groupPath[0]?.length, 2_044);
  assert(longest.length <= 4_096);
});

test('a malformed field of a receipt is a fault of the caller', () => {
  for (const wrong of [{ thumbprint: 'AA' }, { deviceId: 'x' }, { groupId: '' }, { issuedAtMs: -1 }]) {
    assert.throws(() => sealReceipt(keys.receipt, { ...receiptContent, ...wrong }), RangeError);
  }
});

test('each label has its own key, and only a master key of 32 bytes has any', () => {
  const all = Object.values(KeyLabel).map((label) => deriveKey(master, label).export().toString('hex'));
  assert.equal(new Set(all).size, Object.values(KeyLabel).length);
  assert.throws(() => deriveKey(createSecretKey(Buffer.alloc(16)), KeyLabel.receipt), RangeError);
});
