import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Cursor, Instant, oneOf, PageLimit, ProductNumber, Revision, SearchText, Uuid } from './scalars.ts';

/** How much an entry matters, from least to most. */
export const logSeverities = ['debug', 'info', 'notice', 'warning', 'error', 'critical'] as const;
export type LogSeverity = (typeof logSeverities)[number];

/** One event of a managed product, as the server keeps it. */
export const LogRecord = Type.Object({
  /** Unique; grows in the order of writing. */
  id: Type.Integer({ minimum: 1 }),
  /** When the server took it: the order of every list. */
  receivedAt: Instant,
  /** When it happened, by the clock of the device. */
  at: Instant,
  /** Who says so: the product, or the server about what it kept of the product. */
  source: oneOf(['product', 'server'] as const),
  productNumber: ProductNumber,
  /** Null when the product has been removed for good. */
  deviceId: Type.Union([Uuid, Type.Null()]),
  deviceName: Type.String(),
  /** What tells it from other devices of its name, such as a serial number; absent where there is no other. */
  deviceDistinction: Type.Optional(Type.String()),
  type: Type.String(),
  severity: oneOf(logSeverities),
  text: Type.String(),
  facts: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});
export type LogRecord = Static<typeof LogRecord>;

/** Which entries are meant. All conditions hold at once. */
const filter = {
  productNumber: Type.Optional(ProductNumber),
  deviceId: Type.Optional(Uuid),
  /** The group and its subgroups. */
  groupId: Type.Optional(Uuid),
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z][a-z0-9-]*$' })),
  /** This severity and all that matter more. */
  severity: Type.Optional(oneOf(logSeverities)),
  /** Taken by the server at or after this instant. */
  from: Type.Optional(Instant),
  /** Taken by the server before this instant. */
  to: Type.Optional(Instant),
  /** Part of the text, without regard to case. */
  search: Type.Optional(SearchText),
};

export const LogSettings = Type.Object(
  {
    /** Whole days that entries are kept, counted from the day on which the server took them. */
    retentionDays: Type.Integer({ minimum: 1, maximum: 3_650 }),
  },
  { additionalProperties: false },
);
export type LogSettings = Static<typeof LogSettings>;

export const StoredLogSettings = Type.Object({
  revision: Revision,
  logs: LogSettings,
  changedAt: Type.Union([Instant, Type.Null()]),
  changedBy: Type.Union([Type.String(), Type.Null()]),
});
export type StoredLogSettings = Static<typeof StoredLogSettings>;

const tag = 'Logs';

export const listLogEntries = defineRoute({
  name: 'listLogEntries',
  method: 'GET',
  path: '/api/v1/logs',
  tag,
  isHeavy: true,
  access: { permission: 'logs:read' },
  summary: 'Log entries of devices within the scope of the caller, newest first',
  query: Type.Object(
    { ...filter, cursor: Type.Optional(Cursor), limit: Type.Optional(PageLimit) },
    { additionalProperties: false },
  ),
  response: Type.Object({
    entries: Type.Array(LogRecord),
    /**
     * Where to go on; null at the end. A page looks through a bounded number of entries, so it may hold few or none
     * and still have more behind it.
     */
    nextCursor: Type.Union([Cursor, Type.Null()]),
    /** Everything newer than this has been looked through; null at the end. */
    searchedTo: Type.Union([Instant, Type.Null()]),
  }),
});
export const getLogSettings = defineRoute({
  name: 'getLogSettings',
  method: 'GET',
  path: '/api/v1/settings/logs',
  tag,
  access: { permission: 'settings:read' },
  summary: 'How long log entries are kept',
  response: StoredLogSettings,
});
export const updateLogSettings = defineRoute({
  name: 'updateLogSettings',
  method: 'PUT',
  path: '/api/v1/settings/logs',
  tag,
  access: { permission: 'settings:manage' },
  summary: 'Change how long log entries are kept',
  body: Type.Object({ revision: Revision, logs: LogSettings }, { additionalProperties: false }),
  response: StoredLogSettings,
});
