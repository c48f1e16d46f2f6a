import { type Static, Type } from 'typebox';
import { field } from './field.ts';

/** Body of `POST /mcp/v1/challenges`: an empty object. */
export const ChallengeRequestSchema = Type.Object({}, { additionalProperties: false });
export type ChallengeRequest = Static<typeof ChallengeRequestSchema>;

/** Answer of `POST /mcp/v1/challenges`. */
export const ChallengeAnswerSchema = Type.Object({
  nonce: field.nonce,
  /** Server wall time; the times in the assertion are taken from it, never from the product's clock. */
  serverTimeMs: field.timeMs,
  expiresInMs: field.durationMs,
  /** What the server understands; absent: 1. A product sends it nothing newer. */
  capabilityVersion: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  /** Fingerprint of the authority that the assertion is to name, where the product trusts it. Since capability 3. */
  authority: Type.Optional(field.bytes32),
});
export type ChallengeAnswer = Static<typeof ChallengeAnswerSchema>;
