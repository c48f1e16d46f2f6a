import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { field } from './field.ts';

const closed = { additionalProperties: false } as const;

/** How much an entry matters, from least to most. */
export const severities = ['debug', 'info', 'notice', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** One event of a product. */
export const LogEntrySchema = Type.Object(
  {
    /** Counts the entries of the journal, from 1 and growing. A number that is left out was dropped by the product. */
    sequence: Type.Integer({ minimum: 1, maximum: limits.maxSequence }),
    /** Wall time of the product. */
    at: field.timeMs,
    /** What happened, for programs. */
    type: field.logType,
    severity: Type.Union([
      Type.Literal('debug'),
      Type.Literal('info'),
      Type.Literal('notice'),
      Type.Literal('warning'),
      Type.Literal('error'),
      Type.Literal('critical'),
    ]),
    /** What happened, for people. */
    text: Type.Optional(Type.String({ maxLength: limits.maxLogTextCharacters })),
    /** Particulars; at most 8 KiB as JSON. */
    facts: Type.Optional(field.jsonObject),
  },
  closed,
);
export type LogEntry = Static<typeof LogEntrySchema>;

/** Body of `POST /mcp/v1/logs`, plain or with `content-encoding: gzip`. */
export const LogsRequestSchema = Type.Object(
  {
    /** Names the place in which the product keeps the entries until they are acknowledged, and whose count they carry. */
    journal: field.uuid,
    /**
     * Highest sequence of the journal that a server has acknowledged, below all entries of this call. A server that has less
     * lost what lies between, and says so. Absent: the product does not keep it.
     */
    acknowledged: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.maxSequence })),
    /** Ascending by sequence. */
    entries: Type.Array(LogEntrySchema, { minItems: 1, maxItems: limits.maxLogEntriesPerCall }),
  },
  closed,
);
export type LogsRequest = Static<typeof LogsRequestSchema>;

/** 200, after the commit. */
export const LogsAnswerSchema = Type.Object({
  /** Highest sequence of the journal that is on the server's disk: the product forgets it and all before it. */
  acknowledged: Type.Integer({ minimum: 0, maximum: limits.maxSequence }),
});
export type LogsAnswer = Static<typeof LogsAnswerSchema>;
