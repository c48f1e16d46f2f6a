import { type Static, Type } from 'typebox';

/** RFC 9457 problem details with the fields that every error answer of the server has. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  /** Sole discriminator for programs. */
  code: Type.String(),
  detail: Type.String(),
  remedy: Type.Optional(Type.String()),
  requestId: Type.String(),
  retry: Type.Union([Type.Literal('never'), Type.Literal('safe'), Type.Literal('outcome-unknown')]),
  facts: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** Which fields of the request were refused, and why. */
  fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});
export type Problem = Static<typeof Problem>;

export const problemContentType = 'application/problem+json';
