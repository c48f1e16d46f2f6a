import { type Static, Type } from 'typebox';

/** Body of every error answer (RFC 9457). Programs go by `code`, people by `title`, `detail` and `remedy`. */
export const ProblemSchema = Type.Object({
  type: Type.Optional(Type.String({ maxLength: 2_000 })),
  title: Type.Optional(Type.String({ maxLength: 2_000 })),
  status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
  detail: Type.Optional(Type.String({ maxLength: 8_000 })),
  code: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Z][A-Z0-9_]*$' }),
  requestId: Type.Optional(Type.String({ maxLength: 128 })),
  remedy: Type.Optional(Type.String({ maxLength: 2_000 })),
  facts: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Union([
        Type.String(),
        Type.Number(),
        Type.Boolean(),
        Type.Array(Type.String(), { maxItems: 100 }),
      ]),
    ),
  ),
});
export type Problem = Static<typeof ProblemSchema>;

/** The codes of problems on MCP calls, with their HTTP status. */
export const mcpProblemStatus = {
  ASSERTION_INVALID: 401,
  CHALLENGE_INVALID: 401,
  ENROLMENT_TOKEN_INVALID: 403,
  ENROLMENT_TOKEN_EXPIRED: 403,
  ENROLMENT_TOKEN_USED_UP: 403,
  ENROLMENT_TOKEN_REVOKED: 403,
  REGISTRATION_REFUSED: 403,
  PRODUCT_UNKNOWN: 404,
  PRODUCT_DISABLED: 403,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_TOKEN_EXPIRED: 401,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  SERVER_BUSY: 503,
} as const;
export type McpProblemCode = keyof typeof mcpProblemStatus;
