import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionPurpose, createProductKey, formatAudience, signAssertion } from '@holdfast/trust';
import { createTestClock } from '../../testing/test-clock.ts';
import { ProofDesk } from './proof-desk.ts';

const keys = { authorityFingerprint: 'fingerprint' };
const key = createProductKey();
const request = '{}';

function sign(nonce: string, issuedAtMs: number): { assertion: string; request: string } {
  const assertion = signAssertion(key, {
    purpose: AssertionPurpose.handshake,
    audience: formatAudience(keys.authorities.current.fingerprint),
    nonce,
    request,
    issuedAtMs,
  });
  return { assertion, request };
}

test('a proof that was taken is refused after a restart as well, and a new challenge is all that is needed', async () => {
  const clock = createTestClock();
  const before = new ProofDesk(keys, clock);
  const { nonce, serverTimeMs } = before.issueChallenge();
  const captured = sign(nonce, serverTimeMs);
  const verified = await before.prove(captured, AssertionPurpose.handshake);
  assert.equal(verified.thumbprint, key.thumbprint);

  clock.advance(1_000);
  const after = new ProofDesk(keys, clock);
  // The code says that trying again with a new challenge is safe, and so do agents.
  const isInvalid = { code: 'CHALLENGE_INVALID', retry: 'safe' };
  await assert.rejects(after.prove(captured, AssertionPurpose.handshake), isInvalid);
  const fresh = after.issueChallenge();
  await after.prove(sign(fresh.nonce, fresh.serverTimeMs), AssertionPurpose.handshake);
});

test('a challenge that was not used yet ends with the server as well', async () => {
  const clock = createTestClock();
  const { nonce, serverTimeMs } = new ProofDesk(keys, clock).issueChallenge();
  await assert.rejects(
    new ProofDesk(keys, clock).prove(sign(nonce, serverTimeMs), AssertionPurpose.handshake),
    {
      code: 'CHALLENGE_INVALID',
    },
  );
});
