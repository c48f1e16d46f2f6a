import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, listLogEntries, type LogRecord, type QueryOf, type ResponseOf } from '@holdfast/api';
import type { CommandTools } from '../command-tools.ts';

export type LogQuery = QueryOf<typeof listLogEntries>;

const POLL_INTERVAL_MS = 1_000;
/** Two batches may be committed in another order than that of their times; so much is looked at again each time. */
const OVERLAP_MS = 10_000;
const PAGE_LIMIT = 500;
/** More in one turn is a storm that nobody reads; what is left out is said. */
const MAX_PAGES_PER_TURN = 20;

/** Where following starts: what there was before the first reading. */
export interface FollowingBegin {
  /** When the server took the newest entry of all; 0 when there is none. By its clock, as that of this computer may be another. */
  readonly newestMs: number;
  /** Entries that are looked at again because of the overlap, and were there before. */
  readonly known: readonly LogRecord[];
}

export interface Following {
  readonly query: LogQuery;
  readonly begin: FollowingBegin;
  /** What has been printed already. */
  readonly seen: readonly LogRecord[];
  readonly print: (entry: LogRecord) => void;
}

/** To be asked before the first reading: everything that is written later is new. */
export async function beginFollowing(tools: CommandTools, query: LogQuery): Promise<FollowingBegin> {
  const newestMs = await findNewestMs(tools);
  const known = newestMs === 0 ? [] : await readSince(tools, query, newestMs - OVERLAP_MS, new Map());
  return { newestMs, known };
}

/** Prints what comes, until the process is ended. A server that is away for a while is waited for. */
export async function followLogs(tools: CommandTools, following: Following): Promise<never> {
  const { begin, seen, query } = following;
  const wait = tools.context.wait ?? delay;
  const done = new Map([...begin.known, ...seen].map((entry) => [entry.id, Date.parse(entry.receivedAt)]));
  let lookedThroughMs = begin.newestMs;
  let isAway = false;
  for (;;) {
    try {
      // Asked first: whatever is that old is there when the reading begins, whether it matches or not.
      const newestMs = await findNewestMs(tools);
      const fresh = await readSince(tools, query, lookedThroughMs - OVERLAP_MS, done);
      if (isAway) tools.printer.note('The server answers again.');
      isAway = false;
      for (const entry of fresh) {
        following.print(entry);
        done.set(entry.id, Date.parse(entry.receivedAt));
      }
      lookedThroughMs = Math.max(lookedThroughMs, newestMs);
      for (const [id, atMs] of done) if (atMs < lookedThroughMs - 2 * OVERLAP_MS) done.delete(id);
    } catch (error) {
      const isPassing = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!isPassing) throw error;
      if (!isAway) tools.printer.note('The server does not answer; trying on.');
      isAway = true;
    }
    await wait(POLL_INTERVAL_MS);
  }
}

/** When the server took the newest entry of all that the caller sees, or 0. */
async function findNewestMs(tools: CommandTools): Promise<number> {
  const { entries } = await (await tools.client()).call(listLogEntries, { query: { limit: 1 } });
  return entries[0] === undefined ? 0 : Date.parse(entries[0].receivedAt);
}

/** Entries that are not done yet, oldest first. */
async function readSince(
  tools: CommandTools,
  query: LogQuery,
  sinceMs: number,
  done: ReadonlyMap<number, number>,
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
    fresh.push(...answer.entries.filter((entry) => !done.has(entry.id)));
    cursor = answer.nextCursor;
    if (cursor === null) return fresh.toReversed();
  }
  tools.printer.note('Entries come faster than they can be shown; older ones are left out here.');
  return fresh.toReversed();
}
