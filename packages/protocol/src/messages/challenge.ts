import { type Static, Type } from 'typebox';
import { field } from './field.ts';

/** Answer of `POST /mcp/v1/challenges`. */
export const ChallengeAnswerSchema = Type.Object({
  nonce: field.nonce,
  /** Server wall time; the times in the assertion are taken from it, never from the product's clock. */
  serverTimeMs: field.timeMs,
  expiresInMs: field.durationMs,
});
export type ChallengeAnswer = Static<typeof ChallengeAnswerSchema>;
