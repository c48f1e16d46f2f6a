import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@holdfast/kernel';
import { inTransaction } from '../apps/server/src/platform/database/index.ts';
import type { Platform } from '../apps/server/src/platform/platform.ts';

/** What becomes of a report. */
const fates = ['is-sent', 'is-refused', 'fails-for-now', 'takes-long', 'takes-no-notice'] as const;
type Fate = (typeof fates)[number];

class MailError extends AppError<'MAIL_REFUSED' | 'MAIL_SERVER_UNREACHABLE'> {}

/**
 * A kind of job of which there is one in every state. The server's own jobs do their work in a moment, and fail for nobody.
 *
 * @param stopping aborts when the site ends
 */
export function registerReportJobs(
  { jobs, database, clock }: Pick<Platform, 'jobs' | 'database' | 'clock'>,
  stopping: AbortSignal,
): { ask(fate: Fate, options?: { readonly inMs?: number }): Promise<string> } {
  const reports = jobs.register<{ readonly fate: Fate }>({
    kind: 'reports.send',
    title: 'Send a report',
    description: 'Sends a finished report to its readers. When it fails, they do not get it.',
    concurrency: 4,
    // Tried again when nobody looks any more.
    backOff: { firstMs: 7_200_000, longestMs: 7_200_000 },
    parsePayload: (stored) => {
      const fate = fates.find((known) => known === (stored as { readonly fate?: unknown } | null)?.fate);
      if (fate === undefined) throw new TypeError('"payload" expected a known fate');
      return { fate };
    },
    async run({ payload: { fate }, signal, reportProgress }) {
      reportProgress({ done: 412, total: 1_000, text: 'Writing the mails' });
      switch (fate) {
        case 'is-sent':
          return { 'mails sent': 3, pages: 14 };
        case 'is-refused':
          throw new MailError('MAIL_REFUSED', 'The mail server does not take mails from this sender.', {
            remedy: 'Give the sender the right to send mails there, then try again.',
          });
        case 'fails-for-now':
          throw new MailError(
            'MAIL_SERVER_UNREACHABLE',
            'The mail server mail.example.org does not answer.',
            {
              retry: 'safe',
            },
          );
        case 'takes-long':
          return await lastUntil(signal);
        case 'takes-no-notice':
          return await lastUntil(stopping);
      }
    },
  });
  return {
    ask: async (fate, { inMs = 0 } = {}) =>
      await inTransaction(database, async (transaction) => {
        const runAt = new Date(clock.now() + inMs);
        const id = await reports.enqueue(transaction, { fate }, { runAt, requestedBy: 'Ada Lovelace' });
        return id ?? '';
      }),
  };
}

async function lastUntil(signal: AbortSignal): Promise<never> {
  const aDayMs = 86_400_000;
  await pause(aDayMs, undefined, { signal, ref: false }).catch(() => undefined);
  signal.throwIfAborted();
  throw new Error('A report took longer than anybody looks');
}
