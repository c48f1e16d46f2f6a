import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionPurpose, createProductKey, formatAudience, signAssertion } from '@holdfast/trust';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import type { TrustedAuthority } from '../../platform/keys/authority-keeper.ts';
import { createStillAuthority } from '../../testing/test-authority.ts';
import { ProofVerifier } from './proof-verifier.ts';

function describe(fingerprint: string): TrustedAuthority {
  return { certificate: '', fingerprint, beginsAtMs: 0, endsAtMs: Number.MAX_SAFE_INTEGER };
}
const keys = {
  authorities: createStillAuthority(describe('present'), [describe('next'), describe('former')]),
};
const key = createProductKey();
const request = '{}';

function sign(
  nonce: string,
  issuedAtMs: number,
  authority = keys.authorities.current.fingerprint,
): { assertion: string; request: string } {
  const assertion = signAssertion(key, {
    purpose: AssertionPurpose.handshake,
    audience: formatAudience(authority),
    nonce,
    request,
    issuedAtMs,
  });
  return { assertion, request };
}

test('a proof that was taken is refused after a restart as well, and a new challenge is all that is needed', async () => {
  const clock = createTestClock();
  const before = new ProofVerifier(keys, clock);
  const { nonce, serverTimeMs } = before.issueChallenge();
  const captured = sign(nonce, serverTimeMs);
  const verified = await before.prove(captured, AssertionPurpose.handshake);
  assert.equal(verified.thumbprint, key.thumbprint);

  clock.advance(1_000);
  const after = new ProofVerifier(keys, clock);
  // The code says that trying again with a new challenge is safe, and so do agents.
  const isInvalid = { code: 'CHALLENGE_INVALID', retry: 'safe' };
  await assert.rejects(after.prove(captured, AssertionPurpose.handshake), isInvalid);
  const fresh = after.issueChallenge();
  await after.prove(sign(fresh.nonce, fresh.serverTimeMs), AssertionPurpose.handshake);
});

test('a challenge that was not used yet ends with the server as well', async () => {
  const clock = createTestClock();
  const { nonce, serverTimeMs } = new ProofVerifier(keys, clock).issueChallenge();
  await assert.rejects(
    new ProofVerifier(keys, clock).prove(sign(nonce, serverTimeMs), AssertionPurpose.handshake),
    {
      code: 'CHALLENGE_INVALID',
    },
  );
});

test('a proof may name any authority that products trust, and no other one', async () => {
  const clock = createTestClock();
  const verifier = new ProofVerifier(keys, clock);
  assert.equal(verifier.issueChallenge().authority, 'present');
  for (const authority of ['present', 'next', 'former']) {
    const { nonce, serverTimeMs } = verifier.issueChallenge();
    await verifier.prove(sign(nonce, serverTimeMs, authority), AssertionPurpose.handshake);
  }
  const { nonce, serverTimeMs } = verifier.issueChallenge();
  await assert.rejects(verifier.prove(sign(nonce, serverTimeMs, 'other'), AssertionPurpose.handshake), {
    code: 'ASSERTION_INVALID',
  });
});
