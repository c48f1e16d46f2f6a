import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, createUuidV7 } from '@holdfast/kernel';
import type { Insertable } from 'kysely';
import { inTransaction, type Database } from '../platform/database/index.ts';
import type { JobTable } from '../platform/database/schema.ts';
import type { JobRunner } from '../platform/jobs/job-runner.ts';

/** Jobs that run when a test says so. */
export interface TestJobs {
  /** Runs a kind that has a schedule, to its end. Rejects when it did not succeed. */
  run(kind: string): Promise<void>;
}

export function createTestJobs(runner: JobRunner, database: Database): TestJobs {
  return {
    async run(kind) {
      const id = await inTransaction(
        database,
        async (transaction) => await runner.requestNow(transaction, kind),
      );
      await runner.turn();
      await runner.settled();
      const job = await database
        .selectFrom('job')
        .select(['state', 'error_code', 'error_message'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (job?.state !== 'succeeded')
        throw new Error(`The job ${kind} is ${job?.state}: ${job?.error_code} ${job?.error_message}`);
    },
  };
}

/** A job as it could stand in the database; of a kind that runs by itself, with nothing told. */
export async function storeJob(
  server: { readonly clock: Clock; readonly database: { readonly db: Database } },
  values: Pick<Insertable<JobTable>, 'state'> & Partial<Insertable<JobTable>>,
): Promise<string> {
  const now = new Date(server.clock.now());
  const id = createUuidV7(server.clock.now(), randomBytes(10));
  const isOver = ['succeeded', 'cancelled', 'dead'].includes(values.state);
  const isUnderWay = ['running', 'cancelling'].includes(values.state);
  await server.database.db
    .insertInto('job')
    .values({
      id,
      kind: 'audit.verify',
      payload: '{}',
      unique_key: null,
      requested_by: null,
      created_at: now,
      run_at: now,
      attempts: values.state === 'waiting' ? 0 : 1,
      max_attempts: 5,
      started_at: values.state === 'waiting' ? null : now,
      finished_at: isOver ? now : null,
      lease_token: isUnderWay ? randomUUID() : null,
      ...values,
    })
    .execute();
  return id;
}
