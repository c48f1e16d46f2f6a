import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { field } from './field.ts';

/** One authority follows another: the former one says which, with its own key. */
export const SuccessionSchema = Type.Object({
  certificate: Type.String({
    minLength: 1,
    maxLength: limits.maxCertificateCharacters,
    description: 'PEM of the former authority certificate',
  }),
  /** ES256 over `formatSuccession` of the one that follows: the next of the list, or the authority of the answer. */
  signature: field.signature,
});
export type Succession = Static<typeof SuccessionSchema>;

/** Answer of `GET /mcp/v1/authority`. Trusted only when it leads to what the product trusts already. */
export const AuthorityAnswerSchema = Type.Object({
  certificate: Type.String({
    minLength: 1,
    maxLength: limits.maxCertificateCharacters,
    description: 'PEM of the authority certificate',
  }),
  fingerprint: field.bytes32,
  /** How the authority came to be the present one, the oldest step first. Absent: it is the first. */
  successions: Type.Optional(Type.Array(SuccessionSchema, { maxItems: limits.maxSuccessions })),
});
export type AuthorityAnswer = Static<typeof AuthorityAnswerSchema>;
