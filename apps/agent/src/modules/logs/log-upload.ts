import { AppError } from '@holdfast/kernel';
import { formRefusals, type McpClient, planLogBatch } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { JournalBatch, Journals } from './journals.service.ts';
import { JournalName, journalNames } from './log-event.ts';

export interface LogUploadOptions {
  readonly journals: Pick<Journals, 'nextBatch' | 'acknowledge' | 'giveUp'>;
  readonly client: Pick<McpClient, 'sendLogs'>;
  readonly log: Log;
  /** Told of an entry that the server will never take. */
  readonly onGivenUp?: (error: unknown) => void;
}

export interface LogUpload {
  /** There is more to send at once. */
  readonly again: boolean;
  readonly sentCount: number;
}

/**
 * Sends one batch, of the security journal before any of the general one, and forgets what the server has then.
 *
 * @param isIdle idle hours: only the security journal is sent
 */
export async function uploadLogs(
  { isIdle }: { readonly isIdle: boolean },
  options: LogUploadOptions,
): Promise<LogUpload> {
  const { journals } = options;
  const names = isIdle ? [JournalName.security] : journalNames;
  for (const name of names) {
    const waiting = journals.nextBatch(name);
    if (waiting === undefined) continue;
    const sentCount = await deliver({ ...waiting, entries: planLogBatch(waiting.entries) }, options);
    // A server that acknowledges nothing is tried again at the next sign of a connection, not at once.
    const again = sentCount > 0 && names.some((other) => journals.nextBatch(other) !== undefined);
    return { again, sentCount };
  }
  return { again: false, sentCount: 0 };
}

/** Answers how many entries were settled. */
async function deliver(batch: JournalBatch, options: LogUploadOptions): Promise<number> {
  const { journals, client, log } = options;
  const { id, entries, acknowledged: before } = batch;
  let acknowledged: number;
  try {
    acknowledged = await client.sendLogs(id, entries, before);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // One bad entry, a bug of this agent, must not block the others for ever. Sending one by one shows which it is.
    if (entries.length > 1) return await deliver({ ...batch, entries: entries.slice(0, 1) }, options);
    const [entry] = entries;
    log.error('LOG_ENTRY_REFUSED', 'The server does not take this log entry. It is given up.', {
      type: entry?.type ?? '',
    });
    options.onGivenUp?.(error);
    journals.giveUp(batch, entry?.sequence ?? 0);
    return entries.length;
  }
  journals.acknowledge(batch, acknowledged);
  return entries.filter(({ sequence }) => sequence <= acknowledged).length;
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && formRefusals.has(error.code);
}
