import { AppError } from '@holdfast/kernel';
import {
  type CommandReport,
  formRefusals,
  type McpClient,
  planReportBatch,
  type ReportOutcome,
} from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { OutboxEntry } from './outbox.store.ts';
import type { Outbox } from './outbox.service.ts';

/** A report and what the server made of it. */
export interface SettledReport {
  readonly report: CommandReport;
  readonly outcome: ReportOutcome;
}

export interface ReportUploadOptions {
  readonly outbox: Pick<Outbox, 'nextBatch' | 'settle'>;
  readonly client: Pick<McpClient, 'sendReports'>;
  readonly log: Log;
  /** Called in the transaction that forgets the reports. */
  readonly onSettled: (settled: readonly SettledReport[]) => void;
  /** Told of a report that the server will never take. */
  readonly onGivenUp?: (error: unknown) => void;
}

export interface ReportDelivery {
  /** Delivers one batch. Answers whether there is more. */
  send(): Promise<{ readonly again: boolean }>;
}

export interface ReportDeliveryOptions extends ReportUploadOptions {
  /** After each batch that was delivered. */
  readonly onUploaded: () => void;
}

/** Brings reports of commands to the server. */
export function createReportDelivery(options: ReportDeliveryOptions): ReportDelivery {
  return {
    send: async () => {
      const outcome = await uploadReports(options);
      options.onUploaded();
      return outcome;
    },
  };
}

/**
 * Delivers one batch of reports and forgets those that the server has on its disk. A batch that the server refuses is sent one
 * by one, so that a single bad report, which would be a fault of this agent, does not hold up the others for ever.
 */
export async function uploadReports(options: ReportUploadOptions): Promise<{ readonly again: boolean }> {
  const { outbox } = options;
  const waiting = outbox.nextBatch();
  if (waiting.length === 0) return { again: false };
  const entries = waiting.slice(0, planReportBatch(waiting.map(({ report }) => report)).length);
  let settledCount = 0;
  try {
    settledCount = await deliver(entries, options);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const entry of entries) settledCount += await deliverAlone(entry, options);
  }
  // A server that does not answer is asked again at the next sign of a connection, not at once.
  return { again: settledCount > 0 && outbox.nextBatch().length > 0 };
}

async function deliver(
  batch: readonly OutboxEntry[],
  { outbox, client, onSettled }: ReportUploadOptions,
): Promise<number> {
  const outcomes = await client.sendReports(batch.map(({ report }) => report));
  // One outcome for each report, in the same order; reports without one stay.
  const answered = batch.flatMap((entry, index) => {
    const answer = outcomes[index];
    const isAnswer = answer?.commandId === entry.report.commandId;
    return isAnswer ? [{ entry, settled: { report: entry.report, outcome: answer.outcome } }] : [];
  });
  outbox.settle(
    answered.map(({ entry }) => entry),
    () => onSettled(answered.map(({ settled }) => settled)),
  );
  return answered.length;
}

async function deliverAlone(entry: OutboxEntry, options: ReportUploadOptions): Promise<number> {
  try {
    return await deliver([entry], options);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { report } = entry;
    const { commandId, state } = report;
    options.log.error('REPORT_REFUSED', 'The server does not take this report. It is given up.', {
      commandId,
      state,
    });
    options.onGivenUp?.(error);
    options.outbox.settle([entry], () => options.onSettled([{ report, outcome: 'closed' }]));
    return 1;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && formRefusals.has(error.code);
}
