import type { Clock } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { type ConnectionRecord, findConnection, noConnection, saveConnection } from './connection.store.ts';

/** Jitter of the network moves the offset by less. */
const OFFSET_STEP_MS = 5_000;

/** Keeps the record of the connection, in memory always and on disk when it matters. */
export interface ConnectionHistory {
  readonly current: ConnectionRecord;
  /** Any change but that of time alone is written at once. */
  update(change: Partial<ConnectionRecord>): void;
  /** A sign that the server is there. Written with the next change: while all is well nothing is. */
  recordContact(): void;
  /** Server time as the server just told it. */
  recordServerTime(serverTimeMs: number): void;
  recordFailure(code: string): void;
  /**
   * The server's wall time, or `undefined` while nobody knows: our clock leapt since the server last told its time, because it
   * was set or because this computer slept.
   */
  findServerNow(): number | undefined;
}

export interface ConnectionHistoryOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly log: Log;
}

export function createConnectionHistory({
  database,
  clock,
  log,
}: ConnectionHistoryOptions): ConnectionHistory {
  let current = findConnection(database) ?? noConnection;
  let isSaving = true;
  /** How far the wall clock was ahead of the monotonic one when the server last told its time. */
  let aheadMs: number | undefined;
  const save = (next: ConnectionRecord): void => {
    current = next;
    try {
      database.transaction(() => saveConnection(database, next));
      isSaving = true;
    } catch (error) {
      // The record is for people who look; a full disk is no reason to stop talking with the server.
      if (isSaving) log.warn(codeOf(error), describeError(error));
      isSaving = false;
    }
  };
  return {
    get current() {
      return current;
    },
    update: (change) => {
      const next = { ...current, ...change };
      const isSame = Object.entries(change).every(([name, value]) => Reflect.get(current, name) === value);
      if (isSame) return;
      save(next);
    },
    recordContact: () => {
      current = { ...current, lastContactAt: clock.now() };
    },
    recordServerTime: (serverTimeMs) => {
      const clockOffsetMs = serverTimeMs - clock.now();
      aheadMs = clock.now() - clock.monotonic();
      if (Math.abs(clockOffsetMs - current.clockOffsetMs) >= OFFSET_STEP_MS)
        save({ ...current, clockOffsetMs });
    },
    recordFailure: (code) => {
      if (code === current.lastFailureCode) current = { ...current, lastFailureAt: clock.now() };
      else save({ ...current, lastFailureCode: code, lastFailureAt: clock.now() });
    },
    findServerNow: () => {
      const leapMs = aheadMs === undefined ? 0 : clock.now() - clock.monotonic() - aheadMs;
      return Math.abs(leapMs) < OFFSET_STEP_MS ? clock.now() + current.clockOffsetMs : undefined;
    },
  };
}
