import { type Static, Type } from 'typebox';
import { field } from './field.ts';

/** Answer of `GET /mcp/v1/authority`. Trusted only when its SHA-256 is the fingerprint of the enrolment token. */
export const AuthorityAnswerSchema = Type.Object({
  certificate: Type.String({
    minLength: 1,
    maxLength: 16_384,
    description: 'PEM of the authority certificate',
  }),
  fingerprint: field.bytes32,
});
export type AuthorityAnswer = Static<typeof AuthorityAnswerSchema>;
