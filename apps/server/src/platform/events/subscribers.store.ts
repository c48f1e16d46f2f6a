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
}

const COLUMNS = sql`name, position, handled_at as "handledAt", attempts, failing_since as "failingSince",
  last_error as "lastError", next_attempt_at as "nextAttemptAt", gap_after as "gapAfter", gap_up_to as "gapUpTo",
  gap_at as "gapAt"`;

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

/** Never backwards. What failed before is over. */
export async function moveSubscriber(
  db: Database,
  name: string,
  position: number,
  handledAt: Date,
): Promise<void> {
  await sql`
    update domain_event_subscriber set position = ${position}, handled_at = ${handledAt}, attempts = 0,
      failing_since = null, last_error = null, next_attempt_at = null
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
}

export async function recordFailure(
  db: Database,
  name: string,
  failure: SubscriberFailure,
): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    update domain_event_subscriber set attempts = attempts + 1, failing_since = coalesce(failing_since, ${failure.at}),
      last_error = ${failure.error}, next_attempt_at = ${failure.nextAttemptAt}
    where name = ${name} returning ${COLUMNS}`.execute(db);
  return rows[0];
}

/** The next attempt is at once, and what failed before does not count. */
export async function forgetFailure(db: Database, name: string): Promise<void> {
  await sql`
    update domain_event_subscriber set attempts = 0, failing_since = null, last_error = null, next_attempt_at = null
    where name = ${name}`.execute(db);
}

/** The subscriber has been told of its gap. */
export async function closeGap(db: Database, name: string, upTo: number, at: Date): Promise<void> {
  await sql`
    update domain_event_subscriber set gap_after = null, gap_up_to = null, gap_at = ${at}
    where name = ${name} and gap_up_to = ${upTo}`.execute(db);
}
