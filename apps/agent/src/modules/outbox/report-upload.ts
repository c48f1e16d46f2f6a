import { AppError } from '@holdfast/kernel';
import { type McpClient, planReportBatch } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { OutboxEntry } from './outbox.store.ts';
import type { Outbox } from './outbox.service.ts';

/** Answers that mean: this batch will never be taken as it is. */
const REFUSALS: ReadonlySet<string> = new Set(['REQUEST_INVALID', 'REQUEST_TOO_LARGE']);

export interface ReportUploadOptions {
  readonly outbox: Pick<Outbox, 'nextBatch' | 'remove'>;
  readonly client: Pick<McpClient, 'sendReports'>;
  readonly log: Log;
}

/**
 * Delivers one batch of reports and forgets those that the server has on its disk. A batch that the server refuses is sent one
 * by one, so that a single bad report, which would be a fault of this agent, does not hold up the others for ever.
 */
export async function uploadReports({
  outbox,
  client,
  log,
}: ReportUploadOptions): Promise<{ readonly again: boolean }> {
  const waiting = outbox.nextBatch();
  if (waiting.length === 0) return { again: false };
  const entries = waiting.slice(0, planReportBatch(waiting.map(({ report }) => report)).length);
  try {
    await deliver(entries);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const entry of entries) await deliverAlone(entry);
  }
  return { again: outbox.nextBatch().length > 0 };

  async function deliver(batch: readonly OutboxEntry[]): Promise<void> {
    const outcomes = await client.sendReports(batch.map(({ report }) => report));
    // Every outcome is final: recorded now or before, of no known command, or of one that is over.
    const answered = new Set(outcomes.map(({ commandId }) => commandId));
    outbox.remove(batch.filter(({ report }) => answered.has(report.commandId)));
  }

  async function deliverAlone(entry: OutboxEntry): Promise<void> {
    try {
      await deliver([entry]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { commandId, state } = entry.report;
      log.error('REPORT_REFUSED', 'The server does not take this report. It is given up.', {
        commandId,
        state,
      });
      outbox.remove([entry]);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && REFUSALS.has(error.code);
}
