import { type Static, Type } from 'typebox';
import { since } from '../capability-version.ts';
import { limits } from '../limits.ts';
import { field } from './field.ts';

const closed = { additionalProperties: false } as const;

/** Body of `POST /mcp/v1/commands/claims`. */
export const ClaimRequestSchema = Type.Object(
  { max: Type.Integer({ minimum: 1, maximum: limits.maxCommandsPerClaim }) },
  closed,
);
export type ClaimRequest = Static<typeof ClaimRequestSchema>;

/** One order. Its id is the idempotency key: it may be delivered more than once and takes effect once. */
export const CommandSchema = Type.Object({
  id: field.uuid,
  type: field.commandType,
  parameters: field.jsonObject,
  issuedAt: field.timeMs,
  /** Server time after which it must not be begun. */
  expiresAt: field.timeMs,
});
export type Command = Static<typeof CommandSchema>;

export const ClaimAnswerSchema = Type.Object({
  commands: Type.Array(CommandSchema, { maxItems: limits.maxCommandsPerClaim }),
  /**
   * Commands that the product has accepted and that are to end: it ends each as soon as that can be done safely, and reports what
   * it really came to. Named in every answer until their end has been reported, and only to products of version 2 and newer.
   * Absent: none.
   */
  cancel: Type.Optional(Type.Array(field.uuid, { maxItems: limits.maxCommandsPerClaim })),
});
export type ClaimAnswer = Static<typeof ClaimAnswerSchema>;

/** The states that a product reports; they only move forward, in this order, and one of the last three ends them. */
export const ReportedState = {
  accepted: 'accepted',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  /** It was ended because the server asked for it, and has no effect or only what `detail` says. Since version 2. */
  cancelled: 'cancelled',
} as const;
export type ReportedState = (typeof ReportedState)[keyof typeof ReportedState];

/** How far a running command has come. */
export const ProgressSchema = Type.Object(
  {
    /** Of the whole; absent while nobody can tell. It never goes back: a smaller one than before is not shown. */
    percent: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** What is being done, for people. */
    text: Type.Optional(Type.String({ maxLength: limits.maxProgressTextCharacters })),
  },
  closed,
);
export type Progress = Static<typeof ProgressSchema>;

export const CommandReportSchema = Type.Object(
  {
    commandId: field.uuid,
    state: Type.Union([
      Type.Literal('accepted'),
      Type.Literal('running'),
      Type.Literal('succeeded'),
      Type.Literal('failed'),
      Type.Literal('cancelled'),
    ]),
    /** Wall time of the product. */
    at: field.timeMs,
    /** Why it failed, for programs: SCREAMING_SNAKE. */
    code: Type.Optional(
      Type.String({ minLength: 1, maxLength: limits.maxReportCodeCharacters, pattern: '^[A-Z][A-Z0-9_]*$' }),
    ),
    /** Why it failed or what it did, for people. */
    detail: Type.Optional(Type.String({ maxLength: limits.maxReportDetailCharacters })),
    /** What it found; at most 64 KiB as JSON. */
    result: Type.Optional(field.jsonObject),
    /** With `running` only, which may be reported again and again with it. Since version 2. */
    progress: Type.Optional(Type.Object(ProgressSchema.properties, since(2, closed))),
  },
  closed,
);
export type CommandReport = Static<typeof CommandReportSchema>;

/** Body of `POST /mcp/v1/commands/reports`. */
export const ReportsRequestSchema = Type.Object(
  { reports: Type.Array(CommandReportSchema, { minItems: 1, maxItems: limits.maxReportsPerCall }) },
  closed,
);
export type ReportsRequest = Static<typeof ReportsRequestSchema>;

/** What became of one report. All four are final: the product forgets the report. */
export const ReportOutcome = {
  recorded: 'recorded',
  alreadyRecorded: 'already-recorded',
  /** No such command of this product. */
  unknownCommand: 'unknown-command',
  /** The command is over: expired, cancelled, or ended by an earlier report. */
  closed: 'closed',
} as const;
export type ReportOutcome = (typeof ReportOutcome)[keyof typeof ReportOutcome];

/** 200, after the commit: one outcome for each report, in the same order. */
export const ReportsAnswerSchema = Type.Object({
  outcomes: Type.Array(
    Type.Object({
      commandId: field.uuid,
      outcome: Type.Union([
        Type.Literal('recorded'),
        Type.Literal('already-recorded'),
        Type.Literal('unknown-command'),
        Type.Literal('closed'),
      ]),
    }),
    { maxItems: limits.maxReportsPerCall },
  ),
});
export type ReportsAnswer = Static<typeof ReportsAnswerSchema>;
