import type { Clock } from '@holdfast/kernel';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

const DAY_MS = 86_400_000;
/** A difference of this size is a weekend switched off, a correction, a change of zone by hand. */
const MAX_GAP_MS = 3 * DAY_MS;
/** So long has a clock to go on evenly before it is believed after a leap. */
const PROBATION_MS = DAY_MS;
const KEY = 'clock-witness';

/** What jobs that delete what is old say of themselves while it is not believed. */
export const CLOCK_HAS_LEAPT = 'the clock has leapt and has to go evenly for a day first';

interface Reading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * Whether the wall clock may be believed when it comes to deleting what is old. A clock that is set months ahead for an hour, or a
 * computer that starts with a wrong one, must not cost anybody their logs: what is deleted does not come back when the clock does.
 * The last time that was believed lies in the database, so that a restart does not make a leap believable. A process has one: each
 * would count days of its own.
 */
export class ClockWitness {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** From here on the two clocks have to go alike. */
  #since: Reading;
  /** One look for all who ask: what is remembered after it is this process's own. */
  #hasStartedWell: Promise<boolean> | undefined;
  #probation: Reading | undefined;

  constructor(parts: { readonly database: Database; readonly clock: Clock; readonly log: Logger }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#since = this.#read();
  }

  async isBelievable(): Promise<boolean> {
    const now = this.#read();
    this.#hasStartedWell ??= this.#agreesWithDatabase().catch((error: unknown) => {
      this.#hasStartedWell = undefined;
      throw error;
    });
    const hasStartedWell = await this.#hasStartedWell;
    if (hasStartedWell && driftMs(this.#since, now) <= MAX_GAP_MS) {
      // Whatever leap there was is over; the next one begins a day of its own.
      this.#probation = undefined;
      await this.#remember(now);
      return true;
    }
    if (this.#probation === undefined || driftMs(this.#probation, now) > MAX_GAP_MS) {
      this.#probation = now;
      this.#log.warn(
        { wallTime: new Date(now.wallMs).toISOString() },
        'the clock has leapt: nothing that is old is deleted until it has gone on evenly for a day',
      );
      return false;
    }
    if (now.monotonicMs - this.#probation.monotonicMs < PROBATION_MS) return false;
    this.#probation = undefined;
    this.#hasStartedWell = Promise.resolve(true);
    this.#since = now;
    await this.#remember(now);
    return true;
  }

  async #agreesWithDatabase(): Promise<boolean> {
    const { rows } = await sql<{
      changed_at: Date;
    }>`select changed_at from setting where key = ${KEY}`.execute(this.#database);
    const last = rows[0]?.changed_at.getTime();
    return last === undefined || Math.abs(this.#since.wallMs - last) <= MAX_GAP_MS;
  }

  async #remember(now: Reading): Promise<void> {
    const at = new Date(now.wallMs);
    await sql`
      insert into setting (key, value, revision, changed_at, changed_by) values (${KEY}, '{}', 1, ${at}, null)
      on conflict (key) do update set changed_at = ${at}`.execute(this.#database);
  }

  #read(): Reading {
    return { wallMs: this.#clock.now(), monotonicMs: this.#clock.monotonic() };
  }
}

/** By how much the wall clock has gone otherwise than the monotonic one between two readings. */
function driftMs(from: Reading, to: Reading): number {
  return Math.abs(to.wallMs - from.wallMs - (to.monotonicMs - from.monotonicMs));
}
