import { createSecretKey, randomBytes } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import { capabilityVersion, type ChallengeAnswer, limits, type SignedBody } from '@holdfast/protocol';
import {
  type AssertionPurpose,
  createChallenge,
  deriveKey,
  formatAudience,
  KeyLabel,
  parseAssertion,
  type VerifiedAssertion,
  verifyAssertion,
  verifyChallenge,
} from '@holdfast/trust';
import type { ServerKeys } from '../../platform/keys/server-keys.ts';
import { RegistrationError } from './registration.errors.ts';
import { UsedNonces } from './used-nonces.ts';

/** Who speaks, and when the challenge of it was made. */
export type ProvenCall = VerifiedAssertion & { readonly challengedAtMs: number };

/**
 * Issues challenges and takes the proofs made with them, each once. Invariant: no challenge is accepted that this
 * very verifier did not issue, because it alone knows which ones were used. A server that starts anew refuses the
 * challenges from before, and products ask for another one.
 */
export class ProofVerifier {
  readonly #clock: Clock;
  readonly #challengeKey: ReturnType<typeof deriveKey>;
  readonly #authorities: ServerKeys['authorities'];
  readonly #used = new UsedNonces();

  constructor({ authorities }: Pick<ServerKeys, 'authorities'>, clock: Clock) {
    this.#clock = clock;
    // Of this process and of nothing that outlives it.
    this.#challengeKey = deriveKey(createSecretKey(randomBytes(32)), KeyLabel.challenge);
    this.#authorities = authorities;
  }

  issueChallenge(): ChallengeAnswer {
    const serverTimeMs = this.#clock.now();
    return {
      nonce: createChallenge(this.#challengeKey, serverTimeMs, randomBytes(16)),
      serverTimeMs,
      expiresInMs: limits.challengeLifetimeMs,
      capabilityVersion,
      authority: this.#authorities.current.fingerprint,
    };
  }

  /**
   * Who speaks: the holder of the key that the assertion proves, for exactly this request.
   *
   * @throws TrustError ASSERTION_INVALID, CHALLENGE_INVALID; RegistrationError CHALLENGE_INVALID when it was used before
   */
  async prove(body: SignedBody, purpose: AssertionPurpose): Promise<ProvenCall> {
    const received = parseAssertion(body.assertion);
    const challenge = verifyChallenge(this.#challengeKey, received.nonce, {
      nowMs: this.#clock.now(),
      lifetimeMs: limits.challengeLifetimeMs,
    });
    const assertion = await verifyAssertion(received, {
      purpose,
      // A product that has not learned the present one yet, or knows the next one already, names that.
      audience: this.#authorities
        .listTrusted(this.#clock.now())
        .map(({ fingerprint }) => formatAudience(fingerprint)),
      nonce: challenge.nonce,
      request: body.request,
      nowMs: this.#clock.now(),
    });
    // Last, and without a pause behind it: of two that carry the same proof, one finds it used.
    if (this.#used.add(challenge.nonce, challenge.expiresAtMs, this.#clock.now())) {
      return { ...assertion, challengedAtMs: challenge.expiresAtMs - limits.challengeLifetimeMs };
    }
    throw new RegistrationError('CHALLENGE_INVALID', 'The challenge has been used already.', {
      retry: 'safe',
      remedy: 'Ask for a new challenge and sign that.',
    });
  }
}
