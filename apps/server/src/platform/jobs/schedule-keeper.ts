import type { Clock } from '@holdfast/kernel';
import { type Database, inTransaction, type Transaction } from '../database/index.ts';
import { listSchedules, lockSchedule, saveSchedule } from './job-schedule.store.ts';
import type { KnownKind } from './known-kind.ts';

/** The key of what a schedule asks for: a run that is still unfinished is not asked for twice. */
export const SCHEDULE_KEY = 'schedule';

/** Asks for jobs at the times of their schedules. Of several processes one does, for each time. */
export class ScheduleKeeper {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #kinds: ReadonlyMap<string, KnownKind>;
  readonly #ask: (transaction: Transaction, kind: KnownKind) => Promise<void>;

  constructor(
    parts: { readonly database: Database; readonly clock: Clock },
    kinds: ReadonlyMap<string, KnownKind>,
    ask: (transaction: Transaction, kind: KnownKind) => Promise<void>,
  ) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#kinds = kinds;
    this.#ask = ask;
  }

  /** Makes the stored schedules those of this program. */
  async adopt(): Promise<void> {
    for (const { kind, schedule } of this.#kinds.values()) {
      if (schedule === undefined) continue;
      await inTransaction(this.#database, async (transaction) => {
        const stored = await lockSchedule(transaction, kind, { isPatient: true });
        const { cron, timeZone } = schedule;
        const nowMs = this.#clock.now();
        if (stored === undefined) {
          const state = schedule.begin(nowMs);
          await saveSchedule(transaction, { kind, cron, timeZone, state, pausedAt: null, pausedBy: null });
        } else if (stored.cron !== cron || stored.timeZone !== timeZone) {
          const state = schedule.adopt(stored.state, nowMs);
          await saveSchedule(transaction, { ...stored, cron, timeZone, state });
        }
      });
    }
  }

  /** Asks for what is due. */
  async follow(): Promise<void> {
    for (const { kind, pausedAt, state } of await listSchedules(this.#database, [...this.#kinds.keys()])) {
      const known = this.#kinds.get(kind);
      if (known?.schedule === undefined || pausedAt !== null) continue;
      if (known.schedule.plan(state, this.#clock.now()).state !== state) await this.#proceed(known);
    }
  }

  async #proceed(known: KnownKind): Promise<void> {
    const { kind, schedule } = known;
    await inTransaction(this.#database, async (transaction) => {
      const stored = await lockSchedule(transaction, kind, { isPatient: false });
      if (schedule === undefined || stored === undefined || stored.pausedAt !== null) return;
      const { isDue, state } = schedule.plan(stored.state, this.#clock.now());
      if (isDue) await this.#ask(transaction, known);
      await saveSchedule(transaction, { ...stored, state });
    });
  }
}
