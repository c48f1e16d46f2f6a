/** A server in miniature for tests that kill it: does jobs, and dies by its own hand at the step that it was told. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '@holdfast/kernel';
import { type KyselyPlugin, type RootOperationNode, sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ClockWitness } from '../clock/clock-witness.store.ts';
import { createDomainEvents } from '../events/domain-events.ts';
import { createLocalLiveViews } from '../live/local-live-views.ts';
import { createDatabase, inTransaction, parseDatabaseUrl } from '../database/index.ts';
import { createTimedTicks } from '../ticks/timed-ticks.ts';
import { JobRunner } from './job-runner.ts';
import { type NoPayload, parseNoPayload } from './jobs.ts';

const [url = '', deadlyStep = ''] = process.argv.slice(2);
const database = createDatabase({ connection: parseDatabaseUrl(url) });
const log = pino({ level: 'silent' });
const ticks = createTimedTicks({ log, waitForDatabase: async () => {} });
function pass(step: string): void {
  if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
}

/** Dies before and after the statement that moves a schedule on. */
function isScheduleMove(node: RootOperationNode): boolean {
  if (node.kind !== 'InsertQueryNode') return false;
  return node.into?.table.identifier.name === 'job_schedule';
}
const moves = new WeakSet<object>();
const deadly: KyselyPlugin = {
  transformQuery({ node, queryId }) {
    if (isScheduleMove(node)) {
      moves.add(queryId);
      pass('asked, and its schedule not moved on');
    }
    return node;
  },
  async transformResult({ queryId, result }) {
    if (moves.has(queryId)) pass('its schedule moved on and not committed');
    return result;
  },
};

const shared = {
  database: database.db.withPlugin(deadly),
  clock: systemClock,
  clockWitness: new ClockWitness({ database: database.db, clock: systemClock, log }),
  log,
  ticks,
  metrics: new Registry(),
  createId: randomUUID,
};
const runner = new JobRunner({
  ...shared,
  events: createDomainEvents(shared),
  live: createLocalLiveViews(log),
  timeZone: 'UTC',
});

const plain = {
  title: 'Test',
  description: 'Of a test.',
  leaseMs: 300,
  backOff: { firstMs: 10, longestMs: 50 },
  parsePayload: parseNoPayload,
} as const;

runner.register<NoPayload>({
  ...plain,
  kind: 'effect',
  parsePayload(stored) {
    pass('claimed');
    return parseNoPayload(stored);
  },
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
  ...plain,
  kind: 'poison',
  maxAttempts: 3,
  run: async () => {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
});
runner.register<NoPayload>({
  ...plain,
  kind: 'yearly',
  schedule: { cron: '0 0 1 1 *' },
  run: async () => {},
});
await runner.start();
process.stdout.write('ready\n');
// Stays until it is killed.
setInterval(() => {}, 60_000);
