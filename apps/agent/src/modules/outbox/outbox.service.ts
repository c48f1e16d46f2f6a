import type { Clock } from '@holdfast/kernel';
import { type CommandReport, limits } from '@holdfast/protocol';
import type { Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { OutboxPriority, priorityOf } from './outbox-priority.ts';
import { createOutboxStore, type OutboxEntry, type OutboxLoss, type OutboxSize } from './outbox.store.ts';

export interface OutboxBounds {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** Enough for a week without a server at one command a minute. */
export const defaultOutboxBounds: OutboxBounds = { maxCount: 20_000, maxBytes: 16_777_216 };

/** One result of the largest size, and the two progress reports before it. */
const ROOM_FOR_COMMAND = { count: 3, bytes: limits.maxCommandResultBytes + 8_192 } as const;

export interface Outbox {
  /**
   * Keeps a report until the server has it. Must be called inside the transaction of what it reports, so that both are
   * on disk or neither is.
   */
  appendReport(report: CommandReport): void;
  /**
   * Keeps how far a running command has come, in place of what it said before, until that is sent or the command ends. In memory
   * only: what is lost with the process is reported again by the next one, and no report has to make room for it.
   */
  replaceProgress(report: CommandReport): void;
  /** The oldest reports that fit one call, followed, where there is room, by the progress of commands. */
  nextBatch(): readonly OutboxEntry[];
  /** Forgets what the server has acknowledged, and applies its answers in the same transaction. */
  settle(entries: readonly OutboxEntry[], follow: () => void): void;
  measure(): OutboxSize;
  /**
   * How many unfinished commands may exist so that the results of all of them still fit: no more are taken, so that no
   * result is ever lost.
   */
  countRoomForCommands(): number;
  findLoss(): OutboxLoss | undefined;
}

export interface OutboxOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds?: OutboxBounds;
  /** Whether the server understands progress; progress waits until this is known. */
  readonly isProgressWanted: () => boolean;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { database, clock, log, bounds = defaultOutboxBounds, isProgressWanted } = options;
  const store = createOutboxStore(database);
  /** By command. */
  const progress = new Map<string, CommandReport>();
  const makeRoom = (bytes: number): void => {
    let droppedCount = 0;
    let size = store.measure();
    while (size.count + 1 > bounds.maxCount || size.bytes + bytes > bounds.maxBytes) {
      const dropped = store.dropOldest(OutboxPriority.progress);
      // Only what must arrive is left. It stays; `countRoomForCommands` keeps its number small.
      if (dropped === undefined) break;
      size = { count: size.count - 1, bytes: size.bytes - dropped };
      droppedCount++;
    }
    if (droppedCount === 0) return;
    store.recordLoss(droppedCount, clock.now());
    log.warn(
      'OUTBOX_FULL',
      'The outbox is full: progress reports of commands were dropped. Results are kept.',
      {
        droppedCount,
      },
    );
  };

  return {
    appendReport: (report) => {
      const body = JSON.stringify(report);
      makeRoom(Buffer.byteLength(body));
      store.append(report, priorityOf(report.state), body, clock.now());
      if (report.state !== 'running') progress.delete(report.commandId);
    },
    replaceProgress: (report) => {
      progress.set(report.commandId, report);
    },
    nextBatch: () => {
      // Half of what a call may carry: the other half is for escaping and framing.
      const kept = store.listOldest(limits.maxReportsPerCall, limits.maxReportsBodyBytes / 2);
      const room = isProgressWanted() ? limits.maxReportsPerCall - kept.length : 0;
      const newest = [...progress.values()].slice(0, room);
      return [...kept, ...newest.map((report) => ({ bytes: sizeOf(report), report }))];
    },
    settle: (entries, follow) => {
      database.transaction(() => {
        store.remove(entries.flatMap(({ sequence }) => sequence ?? []));
        follow();
      });
      for (const { sequence, report } of entries) {
        // What came meanwhile is newer.
        const isSent = sequence === undefined && progress.get(report.commandId) === report;
        if (isSent) progress.delete(report.commandId);
      }
    },
    measure: () => store.measure(),
    countRoomForCommands: () => {
      const { count, bytes } = store.measure();
      const byCount = (bounds.maxCount - count) / ROOM_FOR_COMMAND.count;
      const byBytes = (bounds.maxBytes - bytes) / ROOM_FOR_COMMAND.bytes;
      return Math.max(0, Math.floor(Math.min(byCount, byBytes)));
    },
    findLoss: () => store.findLoss(),
  };
}

function sizeOf(report: CommandReport): number {
  return Buffer.byteLength(JSON.stringify(report));
}
