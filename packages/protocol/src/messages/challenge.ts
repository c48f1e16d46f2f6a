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
});
export type ChallengeAnswer = Static<typeof ChallengeAnswerSchema>;
