import { toOneLine } from '@holdfast/kernel';
import {
  findBrokenJsonBound,
  jsonBounds,
  limits,
  type LogEntry,
  type LogsRequest,
  MessageError,
} from '@holdfast/protocol';

/** An entry of a batch whose bounds have been checked, ready to be stored. */
export interface CheckedEntry {
  readonly sequence: number;
  readonly atMs: number;
  readonly type: string;
  /** Place in the list of severities. */
  readonly severity: number;
  readonly text: string;
  /** JSON text of an object. */
  readonly facts: string | null;
}

/** Places in the list of severities, which the database keeps. */
export const severityCode = {
  debug: 0,
  info: 1,
  notice: 2,
  warning: 3,
  error: 4,
  critical: 5,
} as const satisfies Readonly<Record<LogEntry['severity'], number>>;
export type SeverityCode = (typeof severityCode)[LogEntry['severity']];

/** Last millisecond of the year 9999, beyond which the database and people read times differently. */
const END_OF_TIME_MS = 253_402_300_799_999;
/** The batch, its entries, the entry and its facts are levels of the message. */
const LEVELS_AROUND_FACTS = 3;

/**
 * What the schema cannot say of a batch: its sequences ascend from what was acknowledged, and facts are bounded in bytes and depth. A clock beyond
 * the year 9999 counts as its end, because a wrong clock is no reason to lose an entry.
 *
 * @throws MessageError MESSAGE_MALFORMED, MESSAGE_TOO_LARGE, MESSAGE_TOO_DEEP
 */
export function parseLogBatch(request: LogsRequest): readonly CheckedEntry[] {
  // What is acknowledged is not sent again, so the entries begin beyond it.
  let before = request.acknowledged ?? 0;
  return request.entries.map((entry, index) => {
    if (!(entry.sequence > before)) {
      throw new MessageError('MESSAGE_MALFORMED', 'The sequences of the entries do not ascend.', {
        facts: { place: `/entries/${index}/sequence` },
      });
    }
    before = entry.sequence;
    return {
      sequence: entry.sequence,
      atMs: Math.min(entry.at, END_OF_TIME_MS),
      type: entry.type,
      severity: severityCode[entry.severity],
      text: toOneLine(entry.text ?? ''),
      facts: entry.facts === undefined ? null : encodeFacts(entry.facts, index),
    };
  });
}

function encodeFacts(facts: Record<string, unknown>, index: number): string {
  const text = JSON.stringify(facts);
  const place = `/entries/${index}/facts`;
  if (Buffer.byteLength(text) > limits.maxLogFactsBytes) {
    throw new MessageError(
      'MESSAGE_TOO_LARGE',
      `Facts of an entry are larger than ${limits.maxLogFactsBytes} bytes.`,
      {
        facts: { place },
      },
    );
  }
  const maxDepth = limits.maxJsonDepth - LEVELS_AROUND_FACTS;
  if (findBrokenJsonBound(text, { ...jsonBounds, maxDepth }) !== undefined) {
    throw new MessageError('MESSAGE_TOO_DEEP', 'Facts of an entry are nested too deeply.', {
      facts: { place },
    });
  }
  return text;
}
