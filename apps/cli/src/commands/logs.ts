import { listLogEntries, logSeverities, type LogRecord, type ResponseOf } from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { parseDuration } from '../output/duration.ts';
import { readChoice, readInteger, readText } from './arguments.ts';
import { beginFollowing, followLogs, type LogQuery } from './logs-follow.ts';
import { addLogRetentionCommand } from './logs-retention.ts';
import { formatLogHeading, formatLogRecord, type LogFormat } from './logs-text.ts';
import { findDeviceId, findGroup } from './lookup.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100_000;
const PAGE_LIMIT = 500;

export function addLogCommands(program: Command, addAction: AddAction): void {
  const logs = program
    .command('logs')
    .description('what devices report of themselves, oldest first')
    .option('--device <device>', 'name or id')
    .option('--group <group>', 'a group and its subgroups, e.g. Berlin/Sales')
    .option('--type <type>', 'e.g. agent-started')
    .option('--severity <severity>', `at least: ${logSeverities.join(', ')}`)
    .option('--since <time>', 'how long ago, e.g. 1h, or an instant like 2026-11-22T08:00:00Z')
    .option('--until <time>', 'the same')
    .option('--text <text>', 'part of the text')
    .option('--follow', 'stay and print what comes')
    .option('--limit <n>', `the newest so many, at most ${MAX_LIMIT}`)
    .option('--csv', 'print comma-separated values')
    .addHelpText(
      'after',
      '\nTimes are those at which the server took the entries. With --json each line is one entry.\n' +
        '\nExamples:\n  holdfast logs --severity warning --since 24h\n  holdfast logs --group Berlin --follow\n' +
        '  holdfast logs --since 7d --limit 100000 --csv > logs.csv\n',
    );
  addAction(logs, showLogs);
  addLogRetentionCommand(logs, addAction);
}

async function showLogs(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const format = readFormat(options);
  const isFollowing = options['follow'] === true;
  const limit = readInteger(options, 'limit') ?? DEFAULT_LIMIT;
  if (limit > MAX_LIMIT) {
    throw new CliError('ARGUMENT_INVALID', `--limit takes at most ${MAX_LIMIT}.`, {
      remedy: 'Take several parts with --since and --until.',
    });
  }
  if (isFollowing && options['until'] !== undefined)
    throw new CliError('ARGUMENT_INVALID', '--follow and --until exclude each other.');
  const query = await readQuery(tools, options);
  // Before the first reading, so that nothing that comes meanwhile is lost between the two.
  const begin = isFollowing ? await beginFollowing(tools, query) : undefined;
  const entries = await readNewest(tools, query, limit);
  const heading = formatLogHeading(format);
  if (heading !== '') tools.context.stdout.write(heading);
  const print = (entry: LogRecord): void => void tools.context.stdout.write(formatLogRecord(entry, format));
  entries.toReversed().forEach(print);
  if (entries.length === 0) tools.printer.note(describeNothing(query, isFollowing));
  if (begin !== undefined) await followLogs(tools, { query, begin, seen: entries, print });
}

function describeNothing(query: LogQuery, isFollowing: boolean): string {
  const isFiltered = Object.keys(query).length > 0;
  const nothing = isFiltered ? 'No entries match these conditions' : 'No entries';
  return isFollowing ? `${nothing} so far; waiting for some.` : `${nothing}.`;
}

async function readQuery(tools: CommandTools, options: Record<string, unknown>): Promise<LogQuery> {
  const device = readText(options, 'device');
  const group = readText(options, 'group');
  const type = readText(options, 'type');
  const severity = readChoice(options, 'severity', logSeverities);
  const text = readText(options, 'text');
  const nowMs = tools.context.now();
  const from = readTime(options, 'since', nowMs);
  const to = readTime(options, 'until', nowMs);
  const client = await tools.client();
  return {
    ...(device === undefined ? {} : { deviceId: await findDeviceId(client, device) }),
    ...(group === undefined ? {} : { groupId: (await findGroup(client, group)).id }),
    ...(type === undefined ? {} : { type }),
    ...(severity === undefined ? {} : { severity }),
    ...(text === undefined ? {} : { search: text }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Newest first. A page may be short and still have more behind it, because each looks through a bounded number of entries. */
async function readNewest(tools: CommandTools, query: LogQuery, limit: number): Promise<LogRecord[]> {
  const client = await tools.client();
  const entries: LogRecord[] = [];
  let cursor: string | null = null;
  while (entries.length < limit) {
    const page: ResponseOf<typeof listLogEntries> = await client.call(listLogEntries, {
      query: {
        ...query,
        limit: Math.min(PAGE_LIMIT, limit - entries.length),
        ...(cursor === null ? {} : { cursor }),
      },
    });
    entries.push(...page.entries);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return entries;
}

function readFormat(options: Record<string, unknown>): LogFormat {
  const isJson = options['json'] === true;
  if (isJson && options['csv'] === true)
    throw new CliError('ARGUMENT_INVALID', '--json and --csv exclude each other.');
  return isJson ? 'json' : options['csv'] === true ? 'csv' : 'text';
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

function readTime(options: Record<string, unknown>, name: string, nowMs: number): string | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  const agoMs = parseDuration(text);
  const atMs = agoMs === undefined ? (INSTANT.test(text) ? Date.parse(text) : Number.NaN) : nowMs - agoMs;
  // Also NaN; and there are no entries from before 1970.
  if (!(atMs >= 0 || agoMs !== undefined)) {
    throw new CliError(
      'ARGUMENT_INVALID',
      `--${name} takes a duration like 1h or an instant like 2026-11-22T08:00:00Z, not "${text}".`,
    );
  }
  return new Date(Math.max(0, atMs)).toISOString();
}
