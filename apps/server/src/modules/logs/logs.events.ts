import { type LogSeverity, logSeverities } from '@holdfast/api';
import { Type } from 'typebox';
import { type DomainEvent, defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';
import { type CheckedEntry, severityCode } from './log-batch.ts';

/** Entries that matter less are told to nobody but open views: a fleet writes them all the time. */
const LEAST = severityCode.warning;
/** So many entries of a batch are told with their texts, those that matter most first. */
const MAX_TOLD = 10;
const MAX_TEXT_CHARACTERS = 300;

const Severity = Type.Enum([...logSeverities]);

/** What happens to log entries. */
export const logEvents = {
  'log-entries.received': defineEvent({
    objectKind: 'product',
    title: 'Log entries received',
    help: 'A batch of a product with entries of severity warning or more: how many of each, and the first ten that matter most.',
    permission: 'logs:read',
    data: Type.Object({
      deviceId: Type.String(),
      deviceName: Type.String(),
      highestSeverity: Severity,
      counts: Type.Object({ warning: Type.Integer(), error: Type.Integer(), critical: Type.Integer() }),
      entries: Type.Array(
        Type.Object({ type: Type.String(), severity: Severity, text: Type.String(), at: Type.String() }),
        { maxItems: MAX_TOLD },
      ),
    }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof logEvents> {}
}

/** Where a product is. */
export interface LogPlace {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly groupPath: readonly string[];
}

/** What is told of a batch; nothing when nothing in it matters enough. */
export function describeEntries(
  productNumber: number,
  place: LogPlace,
  entries: readonly CheckedEntry[],
): readonly DomainEvent<'log-entries.received'>[] {
  const told = entries.filter((entry) => entry.severity >= LEAST);
  const highest = Math.max(...told.map((entry) => entry.severity));
  if (told.length === 0) return [];
  const count = (severity: number): number => told.filter((entry) => entry.severity === severity).length;
  const { warning, error, critical } = severityCode;
  return [
    {
      type: 'log-entries.received',
      objectId: String(productNumber),
      groupIds: place.groupPath,
      data: {
        deviceId: place.deviceId,
        deviceName: place.deviceName,
        highestSeverity: nameOf(highest),
        counts: { warning: count(warning), error: count(error), critical: count(critical) },
        entries: told
          .toSorted((one, other) => other.severity - one.severity)
          .slice(0, MAX_TOLD)
          .map(({ type, severity, text, atMs }) => ({
            type,
            severity: nameOf(severity),
            text: text.slice(0, MAX_TEXT_CHARACTERS),
            at: new Date(atMs).toISOString(),
          })),
      },
    },
  ];
}

function nameOf(severity: number): LogSeverity {
  return logSeverities[severity] ?? 'debug';
}
