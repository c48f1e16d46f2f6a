import type { Clock, ErrorFacts } from '@holdfast/kernel';
import { limits, type Severity, severities } from '@holdfast/protocol';
import { codeOf, describeError, type Log, type LogLevel } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { Journals } from './journals.service.ts';
import { type LogEventType, logEvents } from './log-event.ts';

const lowestOf: Readonly<Record<LogLevel, Severity>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'error',
};

/** What an event says differently from its definition. */
export interface EventChange {
  readonly severity?: Severity;
  readonly text?: string;
}

/** What the agent reports of itself to the server. */
export interface LogWriter {
  /**
   * Keeps an entry until the server has it: on disk when this returns, or with the transaction around it. Callers report changes,
   * not repetitions.
   */
  record(type: LogEventType, facts?: ErrorFacts, change?: EventChange): void;
}

export interface LogWriterOptions {
  readonly database: Pick<StateDatabase, 'connection'>;
  readonly journals: Pick<Journals, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly findLevel: () => LogLevel;
  /** Called after the transaction: an entry must be sent at once, or with the next heartbeat. */
  readonly onEntry: (urgency: 'at-once' | 'soon') => void;
}

export function createLogWriter(options: LogWriterOptions): LogWriter {
  const { database, journals, clock, log, findLevel, onEntry } = options;
  let isKeeping = true;
  return {
    record: (type, facts, change = {}) => {
      const definition = logEvents[type];
      const { journal } = definition;
      const { severity, text } = { ...definition, ...change };
      const isSecurity = journal === 'security';
      if (!isSecurity && rankOf(severity) < rankOf(lowestOf[findLevel()])) return;
      const isPart = database.connection.isTransaction;
      try {
        journals.append(journal, { at: findTime(clock), type, severity, text, ...boundFacts(facts) });
        isKeeping = true;
      } catch (error) {
        // With a full disk the transaction around it is lost as well, and whoever holds it has to know.
        if (isPart) throw error;
        if (isKeeping) log.warn(codeOf(error), `An event could not be kept: ${describeError(error)}`);
        isKeeping = false;
        return;
      }
      const urgency = isSecurity || rankOf(severity) >= rankOf('error') ? 'at-once' : 'soon';
      queueMicrotask(() => onEntry(urgency));
    },
  };
}

function rankOf(severity: Severity): number {
  return severities.indexOf(severity);
}

/** The protocol knows no time before 1970. */
function findTime(clock: Clock): number {
  return Math.max(0, Math.floor(clock.now()));
}

function boundFacts(facts: ErrorFacts | undefined): { readonly facts?: Record<string, unknown> } {
  if (facts === undefined || Object.keys(facts).length === 0) return {};
  const copy = { ...facts };
  return Buffer.byteLength(JSON.stringify(copy)) > limits.maxLogFactsBytes ? {} : { facts: copy };
}
