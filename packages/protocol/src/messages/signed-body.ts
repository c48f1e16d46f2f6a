import { type Static, Type } from 'typebox';
import { field } from './field.ts';

/**
 * Body of the calls that prove a key. `request` is JSON inside a string, because the assertion covers its exact
 * bytes: what is signed is what is read.
 */
export const SignedBodySchema = Type.Object(
  { assertion: field.assertion, request: field.signedRequest },
  { additionalProperties: false },
);
export type SignedBody = Static<typeof SignedBodySchema>;
