/**
 * A barrier in SQL, for tests that must catch a statement in the middle: whatever runs {@link Barrier.sql} waits until the
 * test opens it, however slow the computer is. Imported by tests only.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { TestDatabase } from './test-database.ts';

export interface Barrier {
  readonly sql: string;
  /** Resolves once somebody waits at the barrier. */
  waitForVisitor(): Promise<void>;
  open(): Promise<void>;
}

// A loop without a pause takes the processor from whoever is waited for.
const LOOK_AGAIN_MS = 5;
const BARRIER_KEY = 7_001;

/** Only one barrier in each database. */
export async function closeBarrier(database: TestDatabase): Promise<Barrier> {
  const keeper = await database.opened.connectClient();
  await keeper.query(`select pg_advisory_lock(${BARRIER_KEY})`);
  return {
    sql: `select pg_advisory_xact_lock_shared(${BARRIER_KEY})`,
    async waitForVisitor() {
      await untilTrue(
        database,
        `select 1 from pg_locks l join pg_database d on d.oid = l.database
        where not l.granted and l.locktype = 'advisory' and l.objid = ${BARRIER_KEY} and d.datname = current_database()`,
        'a visitor at the barrier',
      );
    },
    // The lock belongs to the connection and goes with it.
    open: async () => await keeper.end(),
  };
}

/** Asks the database again and again until the statement yields a row. */
export async function untilTrue(database: TestDatabase, statement: string, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { rows } = await sql.raw(statement).execute(database.db);
    if (rows.length > 0) return;
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await delay(LOOK_AGAIN_MS);
  }
}
