import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApiClient,
  cancelJob,
  getJob,
  type Job,
  type JobSchedule,
  jobStates,
  listJobSchedules,
  listJobs,
  removeJob,
  retryJob,
  runJobSchedule,
  scheduleWordsOf,
  setJobScheduleState,
} from '@holdfast/api';
import { toTerminalText } from '@holdfast/kernel';
import type { Command } from 'commander';
import { ExitCode } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { formatDuration } from '../output/duration.ts';
import { createProgress } from '../output/progress.ts';
import { formatFacts, formatTable } from '../output/table.ts';
import { readChoice, readInteger, readText } from './arguments.ts';

const pollIntervalMs = 500;

export function addJobCommands(program: Command, addAction: AddAction): void {
  const jobs = program.command('jobs').description('background work of the server');
  addAction(
    jobs
      .command('list')
      .description('jobs, newest first')
      .option('--state <state>', jobStates.join(', '))
      .option('--kind <kind>', 'from `jobs schedules`, e.g. prune')
      .option('--limit <n>', 'how many at most', '50')
      .addHelpText('after', '\nExample:\n  holdfast jobs list --state dead\n'),
    async ({ client, printer }, options) => {
      const state = readChoice(options, 'state', jobStates);
      const kind = readText(options, 'kind');
      const { jobs: rows } = await (await client()).call(listJobs, {
        query: {
          limit: readInteger(options, 'limit') ?? 50,
          ...(state === undefined ? {} : { state }),
          ...(kind === undefined ? {} : { kind }),
        },
      });
      printer.result(rows, () => formatJobs(rows));
    },
  );
  addAction(
    jobs
      .command('show')
      .description('a job, with what it did or why it failed')
      .argument('<id>', 'id from `jobs list`'),
    async ({ client, printer }, _options, [jobId = '']) => {
      const job = await (await client()).call(getJob, { params: { jobId } });
      printer.result(job, () => formatJob(job));
    },
  );
  addAction(
    jobs
      .command('run')
      .description('run now what otherwise runs by its schedule')
      .argument('<kind>', 'from `jobs schedules`, e.g. prune')
      .option('--wait', 'stay until it has ended')
      .addHelpText('after', '\nExample:\n  holdfast jobs run prune --wait\n'),
    async (tools, options, [kind = '']) => {
      const client = await tools.client();
      const job = await client.call(runJobSchedule, { params: { kind } });
      if (options['wait'] !== true) {
        tools.printer.result(job, () => `${job.title}: ${job.id}\n`);
        return ExitCode.done;
      }
      const ended = await waitForEnd(tools, client, job);
      tools.printer.result(ended, () => formatJob(ended));
      return ended.state === 'succeeded' ? ExitCode.done : ExitCode.refused;
    },
  );
  addAction(
    jobs
      .command('cancel')
      .description('cancel a job that is not over; one that runs is told to end')
      .argument('<id>', 'id from `jobs list`'),
    async ({ client, printer }, _options, [jobId = '']) => {
      const job = await (await client()).call(cancelJob, { params: { jobId } });
      printer.result(job, () => (job.state === 'cancelled' ? 'Cancelled.\n' : 'Told to end.\n'));
    },
  );
  addAction(
    jobs
      .command('retry')
      .description('try a failed, dead or cancelled job again now')
      .argument('<id>', 'id from `jobs list`'),
    async ({ client, printer }, _options, [jobId = '']) => {
      const job = await (await client()).call(retryJob, { params: { jobId } });
      printer.result(job, () => `${job.title} is tried again.\n`);
    },
  );
  addAction(
    jobs
      .command('remove')
      .description('remove a dead job, which nobody needs to look at any more')
      .argument('<id>', 'id from `jobs list --state dead`'),
    async ({ client, printer }, _options, [jobId = '']) => {
      await (await client()).call(removeJob, { params: { jobId } });
      printer.result({ id: jobId, state: 'removed' }, () => 'Removed.\n');
    },
  );
  addAction(
    jobs.command('schedules').description('what runs by itself, and when next'),
    async ({ client, printer }) => {
      const { schedules } = await (await client()).call(listJobSchedules, {});
      printer.result(schedules, () => formatSchedules(schedules));
    },
  );
  for (const [verb, state, description] of [
    ['pause', 'paused', 'let a schedule rest until it is resumed'],
    ['resume', 'active', 'let a paused schedule go on from its next time'],
  ] as const) {
    addAction(
      jobs.command(verb).description(description).argument('<kind>', 'from `jobs schedules`'),
      async ({ client, printer }, _options, [kind = '']) => {
        const schedule = await (await client()).call(setJobScheduleState, {
          params: { kind },
          body: { state },
        });
        printer.result(schedule, () =>
          schedule.nextRunAt === null
            ? `${schedule.title} is paused.\n`
            : `${schedule.title} runs next at ${schedule.nextRunAt}.\n`,
        );
      },
    );
  }
}

/** A job that failed is tried again later: whoever waits is told of the first failure. */
async function waitForEnd({ context }: CommandTools, client: ApiClient, asked: Job): Promise<Job> {
  const progress = createProgress(context);
  const wait = context.wait ?? delay;
  let job = asked;
  while (job.state === 'waiting' || job.state === 'running' || job.state === 'cancelling') {
    const { done, total } = job.progress ?? { done: 0, total: null };
    progress.update(done, total ?? 0, toTerminalText(formatProgress(job) || job.state));
    await wait(pollIntervalMs);
    job = await client.call(getJob, { params: { jobId: asked.id } });
  }
  progress.end();
  return job;
}

/** `3 of 9, ended sessions`, `12000`; empty where nothing was said. */
function formatProgress({ progress }: Job): string {
  if (progress === null) return '';
  const count = progress.total === null ? String(progress.done) : `${progress.done} of ${progress.total}`;
  return progress.text === '' ? count : `${count}, ${progress.text}`;
}

function formatLength({ startedAt, finishedAt }: Job): string {
  if (startedAt === null || finishedAt === null) return '';
  return formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
}

function formatJobs(rows: readonly Job[]): string {
  return formatTable(
    [
      { title: 'id', value: (row) => row.id },
      { title: 'job', value: (row) => row.title },
      { title: 'state', value: (row) => row.state },
      { title: 'began', value: (row) => row.startedAt ?? '' },
      { title: 'took', value: formatLength, alignment: 'right' },
      { title: 'attempts', value: (row) => `${row.attempts}/${row.maxAttempts}`, alignment: 'right' },
      { title: 'detail', value: (row) => row.error?.message ?? (row.finishedAt ? '' : formatProgress(row)) },
    ],
    rows,
  );
}

function formatJob(job: Job): string {
  const isTriedAgain = job.state === 'failed' || job.state === 'waiting';
  return formatFacts([
    ['Job', job.title],
    ['Kind', job.kind],
    ['State', job.state],
    ['Asked for', `${job.createdAt}${job.requestedBy === null ? '' : ` by ${job.requestedBy}`}`],
    [job.state === 'failed' ? 'Tried again' : 'Runs', isTriedAgain ? job.runAt : undefined],
    ['Began', job.startedAt ?? undefined],
    ['Ended', job.finishedAt ?? undefined],
    ['Took', formatLength(job)],
    ['Attempts', `${job.attempts} of ${job.maxAttempts}`],
    ['Progress', job.finishedAt === null ? formatProgress(job) : undefined],
    ['Error', job.error === null ? undefined : `${job.error.code}: ${job.error.message}`],
    ...Object.entries(job.result ?? {}).map(([name, value]) => [name, String(value)] as const),
    ['Id', job.id],
  ]);
}

/** Of other forms than these two no words are made up. */
function formatSchedule({ cron, timeZone }: JobSchedule): string {
  const words = scheduleWordsOf(cron);
  switch (words?.kind) {
    case undefined:
      return `${cron} (${timeZone})`;
    case 'hourly':
      return `every hour, at ${String(words.minute).padStart(2, '0')} minutes past (${timeZone})`;
    case 'daily':
      return `every day at ${words.time} (${timeZone})`;
  }
}

function formatSchedules(rows: readonly JobSchedule[]): string {
  return formatTable(
    [
      { title: 'kind', value: (row) => row.kind },
      { title: 'what it does', value: (row) => row.title },
      { title: 'next', value: (row) => row.nextRunAt ?? (row.pausedAt === null ? 'never' : 'paused') },
      { title: 'last', value: (row) => row.lastJob?.startedAt ?? 'not yet' },
      { title: 'outcome', value: (row) => row.lastJob?.state ?? '' },
      { title: 'schedule', value: formatSchedule },
    ],
    rows,
  );
}
