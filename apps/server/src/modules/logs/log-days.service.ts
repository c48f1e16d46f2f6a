import type { Logger } from 'pino';
import type { Clock } from '@holdfast/kernel';
import type { Database } from '../../platform/database/index.ts';
import { findSqlState, SqlState } from '../../platform/database/sql-state.ts';
import type { ClockWitness } from '../../platform/clock/clock-witness.store.ts';
import {
  addDay,
  deleteRestBefore,
  dropDay,
  forgetGoneProducts,
  listDays,
  listRestDays,
} from './log-days.store.ts';

const DAY_MS = 86_400_000;
/** Made ahead, so that midnight waits for nobody. */
const DAYS_AHEAD = 3;
const MAX_REST_DAYS_PER_TURN = 400;
const REST_BATCH = 10_000;
const FORGET_AFTER_DAYS = 90;
const MAX_REMEMBERED_DAYS = 16;

/** The day (UTC) of an instant, as the database writes it: `2026-11-22`. */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** The first day that is kept: entries of it are at most `retentionDays` whole days old. */
export function firstKeptDay(nowMs: number, retentionDays: number): string {
  return utcDay(nowMs - retentionDays * DAY_MS);
}

/** The days of which the table of entries consists: made ahead and at need, dropped when they are too old. */
export class LogDays {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #clockWitness: Pick<ClockWitness, 'isBelievable'>;
  readonly #known = new Set<string>();
  readonly #making = new Map<string, Promise<void>>();

  constructor(parts: {
    readonly database: Database;
    readonly clock: Clock;
    readonly clockWitness: Pick<ClockWitness, 'isBelievable'>;
    readonly log: Logger;
  }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#clockWitness = parts.clockWitness;
  }

  /** Makes the day unless it is there. Costs nothing once the process knows the day. */
  async ensure(day: string): Promise<void> {
    if (this.#known.has(day)) return;
    // At midnight a thousand batches ask at once; one of them asks the database.
    const making = this.#making.get(day) ?? this.#make(day);
    this.#making.set(day, making);
    await making;
  }

  async #make(day: string): Promise<void> {
    try {
      await addDay(this.#database, day);
      if (this.#known.size >= MAX_REMEMBERED_DAYS) this.#known.clear();
      this.#known.add(day);
    } finally {
      this.#making.delete(day);
    }
  }

  /**
   * Days ahead, days for what a restore brought back, no day that is too old.
   *
   * @returns how many days were dropped; undefined when the clock cannot be believed, and nothing old was looked at
   */
  async keep(retentionDays: number): Promise<number | undefined> {
    const nowMs = this.#clock.now();
    for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) await this.ensure(utcDay(nowMs + ahead * DAY_MS));
    const isBelievable = await this.#clockWitness.isBelievable();
    const dropped = isBelievable ? await this.#deleteOld(nowMs, retentionDays) : undefined;
    for (const day of await listRestDays(this.#database, MAX_REST_DAYS_PER_TURN))
      await addDay(this.#database, day);
    return dropped;
  }

  async #deleteOld(nowMs: number, retentionDays: number): Promise<number> {
    const first = firstKeptDay(nowMs, retentionDays);
    let dropped = 0;
    for (const day of await listDays(this.#database))
      if (day < first && (await this.#drop(day, retentionDays))) dropped += 1;
    const firstAt = new Date(`${first}T00:00:00.000Z`);
    while ((await deleteRestBefore(this.#database, firstAt, REST_BATCH)) === REST_BATCH);
    await forgetGoneProducts(this.#database, new Date(nowMs - FORGET_AFTER_DAYS * DAY_MS));
    return dropped;
  }

  /** A day that somebody is reading has to wait for the next turn; the others must not wait with it. False then. */
  async #drop(day: string, retentionDays: number): Promise<boolean> {
    this.#known.delete(day);
    try {
      await dropDay(this.#database, day);
      this.#log.info({ day, retentionDays }, 'log entries of a day were dropped');
      return true;
    } catch (error) {
      if (findSqlState(error) !== SqlState.LockNotAvailable) throw error;
      this.#log.warn(
        { err: error, day },
        'log entries of a day could not be dropped; the next turn tries again',
      );
      return false;
    }
  }
}
