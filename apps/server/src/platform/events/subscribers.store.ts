import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';

/** How far a subscriber has come. */
export interface SubscriberRow {
  readonly name: string;
  readonly position: number;
  readonly handledAt: Date | null;
  readonly attempts: number;
  readonly failingSince: Date | null;
  readonly lastError: string | null;
  readonly nextAttemptAt: Date | null;
  readonly gapAfter: number | null;
  readonly gapUpTo: number | null;
  readonly gapAt: Date | null;
  /** Where the batch ends that was begun; of use while it lies ahead of the position. */
  readonly batchUpTo: number | null;
  readonly failedMs: number;
}

const COLUMNS = sql`name, position, handled_at as "handledAt", attempts, failing_since as "failingSince",
  last_error as "lastError", next_attempt_at as "nextAttemptAt", gap_after as "gapAfter", gap_up_to as "gapUpTo",
  gap_at as "gapAt", batch_up_to as "batchUpTo", failed_ms as "failedMs"`;

/** A subscriber that is new begins at the present; one that is known stays where it is. */
export async function insertSubscriber(db: Database, name: string, position: number): Promise<void> {
  await sql`
    insert into domain_event_subscriber (name, position) values (${name}, ${position})
    on conflict (name) do nothing`.execute(db);
}

export async function deleteSubscriber(db: Database, name: string): Promise<void> {
  await sql`delete from domain_event_subscriber where name = ${name}`.execute(db);
}

export async function findSubscriber(db: Database, name: string): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    select ${COLUMNS} from domain_event_subscriber where name = ${name}`.execute(db);
  return rows[0];
}

/** Nobody else handles events for this subscriber until the transaction ends. */
export async function lockSubscriber(
  transaction: Transaction,
  name: string,
): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    select ${COLUMNS} from domain_event_subscriber where name = ${name} for update`.execute(transaction);
  return rows[0];
}

/** By name. */
export async function listSubscribers(db: Database): Promise<SubscriberRow[]> {
  const { rows } = await sql<SubscriberRow>`
    select ${COLUMNS} from domain_event_subscriber order by name`.execute(db);
  return rows;
}

/** A batch is handed over now: whoever comes again, after a failure or a crash, hands over the same. */
export async function beginBatch(db: Database, name: string, upTo: number): Promise<void> {
  await sql`update domain_event_subscriber set batch_up_to = ${upTo} where name = ${name}`.execute(db);
}

/** Never backwards. What failed before is over. */
export async function moveSubscriber(
  db: Database,
  name: string,
  position: number,
  handledAt: Date,
): Promise<void> {
  await sql`
    update domain_event_subscriber set position = ${position}, handled_at = ${handledAt}, attempts = 0,
      failing_since = null, last_error = null, next_attempt_at = null, failed_ms = 0,
      batch_up_to = case when batch_up_to > ${position} then batch_up_to end
    where name = ${name} and position <= ${position}`.execute(db);
}

/** Past events that are not for it, which is no handling. */
export async function skipTo(db: Database, name: string, position: number): Promise<void> {
  await sql`
    update domain_event_subscriber set position = ${position}
    where name = ${name} and position < ${position}`.execute(db);
}

export interface SubscriberFailure {
  readonly error: string;
  readonly at: Date;
  readonly nextAttemptAt: Date;
  /** Since the failure before it. */
  readonly elapsedMs: number;
  /** Where the batch ends that was tried. */
  readonly batchUpTo: number | null;
}

export async function recordFailure(
  db: Database,
  name: string,
  failure: SubscriberFailure,
): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    update domain_event_subscriber set attempts = attempts + 1, failing_since = coalesce(failing_since, ${failure.at}),
      last_error = ${failure.error}, next_attempt_at = ${failure.nextAttemptAt},
      failed_ms = case when attempts = 0 then 0 else failed_ms + ${failure.elapsedMs}::bigint end,
      batch_up_to = greatest(batch_up_to, ${failure.batchUpTo}::bigint)
    where name = ${name} returning ${COLUMNS}`.execute(db);
  return rows[0];
}

/** The next attempt is at once, and what failed before does not count. */
export async function forgetFailure(db: Database, name: string): Promise<void> {
  await sql`
    update domain_event_subscriber set attempts = 0, failing_since = null, last_error = null, next_attempt_at = null,
      failed_ms = 0
    where name = ${name}`.execute(db);
}

/** The subscriber has been told of its gap. */
export async function closeGap(db: Database, name: string, upTo: number, at: Date): Promise<void> {
  await sql`
    update domain_event_subscriber set gap_after = null, gap_up_to = null, gap_at = ${at}
    where name = ${name} and gap_up_to = ${upTo}`.execute(db);
}
