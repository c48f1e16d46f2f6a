import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, listLogEntries, type LogRecord, type ResponseOf } from '@holdfast/api';
import type { CommandTools } from '../command-tools.ts';
import type { LogQuery } from './logs.ts';

const POLL_INTERVAL_MS = 1_000;
/** Two batches may be committed in another order than that of their times; so much is looked at again each time. */
const OVERLAP_MS = 10_000;
const PAGE_LIMIT = 500;
/** More in one turn is a storm that nobody reads; what is left out is said. */
const MAX_PAGES_PER_TURN = 20;

export interface Following {
  readonly query: LogQuery;
  /** What has been printed already. */
  readonly seen: readonly LogRecord[];
  readonly print: (entry: LogRecord) => void;
}

/** Prints what comes, until the process is ended. A server that is away for a while is waited for. */
export async function followLogs(tools: CommandTools, following: Following): Promise<never> {
  const printed = new Map(following.seen.map((entry) => [entry.id, Date.parse(entry.receivedAt)]));
  // Where to begin is said by the server: the clock of this computer may be another one.
  const begin = await findNewest(tools);
  let newestMs = begin === undefined ? 0 : Date.parse(begin.receivedAt);
  let isAway = false;
  for (;;) {
    try {
      const found = await readSince(tools, following.query, newestMs - OVERLAP_MS, printed);
      // What was there before and not among the newest that were asked for is not new.
      const fresh = found.filter((entry) => entry.id > (begin?.id ?? 0));
      if (isAway) tools.printer.note('The server answers again.');
      isAway = false;
      for (const entry of fresh) {
        following.print(entry);
        printed.set(entry.id, Date.parse(entry.receivedAt));
      }
      newestMs = Math.max(newestMs, ...fresh.map((entry) => Date.parse(entry.receivedAt)));
      for (const [id, atMs] of printed) if (atMs < newestMs - 2 * OVERLAP_MS) printed.delete(id);
    } catch (error) {
      const isPassing = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!isPassing) throw error;
      if (!isAway) tools.printer.note('The server does not answer; trying on.');
      isAway = true;
    }
    await delay(POLL_INTERVAL_MS);
  }
}

/** The newest entry of all that the caller sees. */
async function findNewest(tools: CommandTools): Promise<LogRecord | undefined> {
  const { entries } = await (await tools.client()).call(listLogEntries, { query: { limit: 1 } });
  return entries[0];
}

/** Entries that were not printed yet, oldest first. */
async function readSince(
  tools: CommandTools,
  query: LogQuery,
  sinceMs: number,
  printed: ReadonlyMap<number, number>,
): Promise<LogRecord[]> {
  const client = await tools.client();
  const from = new Date(
    Math.max(sinceMs, query.from === undefined ? 0 : Date.parse(query.from)),
  ).toISOString();
  const fresh: LogRecord[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES_PER_TURN; page += 1) {
    const answer: ResponseOf<typeof listLogEntries> = await client.call(listLogEntries, {
      query: { ...query, from, limit: PAGE_LIMIT, ...(cursor === null ? {} : { cursor }) },
    });
    fresh.push(...answer.entries.filter((entry) => !printed.has(entry.id)));
    cursor = answer.nextCursor;
    if (cursor === null) return fresh.toReversed();
  }
  tools.printer.note('Entries come faster than they can be shown; older ones are left out here.');
  return fresh.toReversed();
}
