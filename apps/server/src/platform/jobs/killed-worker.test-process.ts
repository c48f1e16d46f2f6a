/** A server in miniature for tests that kill it: does jobs, and dies by its own hand at the step that it was told. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createLocalLiveViews } from '../live/local-live-views.ts';
import { createDatabase, inTransaction, parseDatabaseUrl } from '../database/index.ts';
import { createTimedTicks } from '../ticks/timed-ticks.ts';
import { JobRunner } from './job-runner.ts';
import { type NoPayload, parseNoPayload } from './jobs.ts';

const [url = '', deadlyStep = ''] = process.argv.slice(2);
const database = createDatabase({ connection: parseDatabaseUrl(url) });
const log = pino({ level: 'silent' });
const ticks = createTimedTicks({ log, waitForDatabase: async () => {} });
const runner = new JobRunner({
  database: database.db,
  clock: systemClock,
  log,
  live: createLocalLiveViews(log),
  ticks,
  metrics: new Registry(),
  createId: randomUUID,
  timeZone: 'UTC',
});

function pass(step: string): void {
  if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
}

const shared = {
  title: 'Test',
  description: 'Of a test.',
  leaseMs: 300,
  backOff: { firstMs: 10, longestMs: 50 },
  parsePayload: parseNoPayload,
} as const;

runner.register<NoPayload>({
  ...shared,
  kind: 'effect',
  concurrency: 4,
  maxAttempts: 60,
  async run({ jobId, complete }) {
    pass('begun');
    await inTransaction(database.db, async (transaction) => {
      pass('in its transaction');
      await sql`insert into effect (id, job_id) values (${randomUUID()}, ${jobId})`.execute(transaction);
      pass('with its effect written');
      await complete(transaction, { done: true });
      pass('completed and not committed');
    });
    pass('committed');
  },
});
runner.register<NoPayload>({
  ...shared,
  kind: 'poison',
  maxAttempts: 3,
  run: async () => {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
});
await runner.start();
process.stdout.write('ready\n');
// Stays until it is killed.
setInterval(() => {}, 60_000);
