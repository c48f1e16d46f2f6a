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

/** The codes of problems on the calls of products, with their HTTP status. */
export const mcpProblemStatus = {
  // What the call is about.
  ASSERTION_INVALID: 401,
  CHALLENGE_INVALID: 401,
  ENROLMENT_TOKEN_INVALID: 403,
  ENROLMENT_TOKEN_EXPIRED: 403,
  ENROLMENT_TOKEN_USED_UP: 403,
  ENROLMENT_TOKEN_REVOKED: 403,
  REGISTRATION_REFUSED: 403,
  RECEIPT_INVALID: 403,
  WAITING_LIST_FULL: 503,
  PRODUCT_UNKNOWN: 404,
  PRODUCT_DISABLED: 403,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_TOKEN_EXPIRED: 401,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
  PRODUCT_KEY_SHARED: 409,
  NOTIFICATIONS_FULL: 503,
  LOG_JOURNALS_FULL: 409,
  // The form of the call.
  REQUEST_INVALID: 400,
  REQUEST_MALFORMED: 400,
  BODY_INVALID: 400,
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE_UNSUPPORTED: 415,
  MESSAGE_TOO_LARGE: 413,
  MESSAGE_NOT_JSON: 400,
  MESSAGE_TOO_DEEP: 400,
  MESSAGE_MALFORMED: 400,
  // The state of the server.
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  SERVER_BUSY: 503,
} as const;
export type McpProblemCode = keyof typeof mcpProblemStatus;

/** Refusals of a call for its form: the same call will never be taken, however often it is sent. */
export const formRefusals: ReadonlySet<string> = new Set([
  'REQUEST_INVALID',
  'REQUEST_MALFORMED',
  'BODY_INVALID',
  'BODY_TOO_LARGE',
  'CONTENT_TYPE_UNSUPPORTED',
  'MESSAGE_TOO_LARGE',
  'MESSAGE_NOT_JSON',
  'MESSAGE_TOO_DEEP',
  'MESSAGE_MALFORMED',
] satisfies McpProblemCode[]);
