import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { ApiError, type ApiTransportRequest, type ApiTransportResponse, type LogRecord } from '@holdfast/api';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

const DEVICE_ID = '019aa000-0000-7000-8000-000000000001';
const HOSTILE = 'a\u001b[2Jb\u202ec\nd';
const startMs = Date.parse('2026-11-22T08:00:00.000Z');

function entry(id: number, more: Partial<LogRecord> = {}): LogRecord {
  return {
    id,
    receivedAt: new Date(startMs + id * 1_000).toISOString(),
    at: new Date(startMs + id * 1_000).toISOString(),
    source: 'product',
    productNumber: 7,
    deviceId: DEVICE_ID,
    deviceName: 'desk-7',
    type: 'agent-started',
    severity: 'info',
    text: `entry ${id}`,
    facts: null,
    ...more,
  };
}

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-logs-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

/** A server with these entries, newest first, that pages by ids and gives an empty page in between. */
function createFakeServer(
  entries: readonly LogRecord[],
  onCall: (query: URLSearchParams) => void = () => {},
) {
  const queries: URLSearchParams[] = [];
  const answer = async ({ target }: ApiTransportRequest): Promise<ApiTransportResponse> => {
    const { searchParams } = new URL(target, 'https://localhost');
    queries.push(searchParams);
    onCall(searchParams);
    const [kind, text] = (searchParams.get('cursor') ?? 'full-999999').split('-');
    const limit = Number(searchParams.get('limit') ?? 100);
    const from = searchParams.get('from') ?? '';
    const matching = entries
      .filter(({ id, receivedAt }) => id < Number(text) && receivedAt >= from)
      .toSorted((left, right) => right.id - left.id);
    const page = kind === 'empty' ? [] : matching.slice(0, limit);
    const last = page.at(-1)?.id ?? Number(text);
    const hasMore = kind === 'empty' || matching.length > page.length;
    const nextCursor = hasMore ? `${kind === 'empty' ? 'full' : 'empty'}-${last}` : null;
    return {
      status: 200,
      contentType: 'application/json',
      text: JSON.stringify({ entries: page, nextCursor, searchedTo: null }),
    };
  };
  return { queries, openTransport: () => Object.assign(answer, { close: () => undefined }) };
}

interface Surroundings extends ReturnType<typeof createFakeServer> {
  readonly onWait?: () => void;
  /** Gets what is written to the standard error. */
  readonly said?: string[];
}

async function run(server: Surroundings, ...args: string[]): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stderr.setEncoding('utf8').on('data', (chunk: string) => void server.said?.push(chunk));
  let text = '';
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin: new PassThrough(),
    stdout,
    stderr,
    now: () => startMs + 3_600_000,
    openTransport: server.openTransport,
    wait: () => Promise.resolve(server.onWait?.()),
  };
  const program = createProgram(context, '1.2.3', { exitCode: ExitCode.done });
  try {
    await program.parseAsync(['node', 'holdfast', 'logs', ...args]);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  }
  stdout.end();
  stderr.end();
  await Promise.all([once(stdout, 'end'), once(stderr, 'end')]);
  return text;
}

const many = Array.from({ length: 1_300 }, (_, index) => entry(index + 1));

test('the newest entries are shown, oldest first, over as many pages as that takes', async () => {
  const lines = (await run(createFakeServer(many))).trimEnd().split('\n');
  assert.equal(lines.length, 100);
  assert.equal(lines[0], '2026-11-22T08:20:01.000Z  info      desk-7  agent-started  entry 1201');
  assert.match(lines.at(-1) ?? '', /entry 1300$/);
  const all = (await run(createFakeServer(many), '--limit', '100000')).trimEnd().split('\n');
  assert.equal(all.length, 1_300);
});

test('filters go to the server as they are meant', async () => {
  const server = createFakeServer([]);
  const filters = ['--type', 'x', '--severity', 'warning', '--since', '30m', '--text', 'a b'];
  await run(server, '--device', DEVICE_ID, ...filters, '--until', '2026-11-22T10:00:00+01:00');
  assert.deepEqual(Object.fromEntries(server.queries.at(-1) ?? []), {
    deviceId: DEVICE_ID,
    type: 'x',
    severity: 'warning',
    search: 'a b',
    from: '2026-11-22T08:30:00.000Z',
    to: '2026-11-22T09:00:00.000Z',
    limit: '100',
  });
});

test('JSON is one entry in each line, and CSV has a heading', async () => {
  const entries = [entry(1), entry(2, { text: 'say "hi", then go', facts: { a: 1 } })];
  const json = (await run(createFakeServer(entries), '--json')).trimEnd().split('\n');
  assert.deepEqual(
    json.map((line) => JSON.parse(line) as LogRecord),
    entries,
  );
  const [heading, , second] = (await run(createFakeServer(entries), '--csv')).split('\r\n');
  assert.equal(heading, 'receivedAt,at,device,productNumber,severity,type,text,facts,source');
  assert.match(second ?? '', /,agent-started,"say ""hi"", then go","{""a"":1}",product$/);
});

test('nothing that a device writes steers the terminal or a spreadsheet', async () => {
  const entries = [
    entry(1, { text: HOSTILE, deviceName: HOSTILE, type: HOSTILE, facts: { [HOSTILE]: HOSTILE } }),
    entry(2, { text: '=1+1' }),
  ];
  for (const args of [[], ['--json'], ['--csv']]) {
    const out = await run(createFakeServer(entries), ...args);
    assert.doesNotMatch(out, /[\u001b\u202e]/u);
    const lines = out.trimEnd().split(/\r?\n/u);
    assert.equal(lines.length, args[0] === '--csv' ? 3 : 2, args.join());
  }
  assert.match(await run(createFakeServer(entries), '--csv'), /,"'=1\+1",/);
});

/** Follows until so many turns are over; what happens in between is up to the test. No time passes. */
async function follow(
  server: ReturnType<typeof createFakeServer>,
  turns: number,
  onTurn: (turn: number) => void,
  ...args: string[]
): Promise<string[]> {
  let turn = 0;
  const ending = { ...server, openTransport: () => endingTransport(server, () => turn >= turns) };
  const out = await run({ ...ending, onWait: () => onTurn(++turn) }, '--follow', ...args);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^.*entry /u, ''));
}

test('following prints each new entry once, and nothing that was there before', async () => {
  const entries = [entry(1), entry(2), entry(3)];
  const add = (turn: number): void => void (turn === 1 && entries.push(entry(5), entry(4)));
  const shown = await follow(createFakeServer(entries), 3, add, '--limit', '2');
  assert.deepEqual(shown, ['2', '3', '4', '5']);
});

test('following loses nothing that comes between the first reading and the next, or is written late', async () => {
  const entries = [entry(1), entry(3)];
  let hasRead = false;
  const server = createFakeServer(entries, (query) => {
    // The first reading is the one with the limit of the person; what comes right after it is in no answer to it.
    if (hasRead)
      entries.push(...[entry(4), entry(2)].filter(({ id }) => entries.every((one) => one.id !== id)));
    hasRead = hasRead || query.get('limit') === '7';
  });
  const shown = await follow(server, 2, () => undefined, '--limit', '7');
  assert.deepEqual(shown.toSorted(), ['1', '2', '3', '4']);
});

test('following goes on from what was looked through, though nothing of it matched', async () => {
  const entries = [entry(1)];
  const server = createFakeServer(entries);
  await follow(server, 3, (turn) => void entries.push(entry(turn * 100)));
  const asked = server.queries.flatMap((query) => query.get('from') ?? []);
  assert.equal(asked.at(-1), new Date(startMs + 90_000).toISOString());
});

test('that there is nothing to show is said', async () => {
  const said: string[] = [];
  assert.equal(await run({ ...createFakeServer([]), said }), '');
  assert.match(said.join(''), /^No entries\.\n$/u);
  assert.equal(await run({ ...createFakeServer([]), said }, '--type', 'x'), '');
  assert.match(said.join(''), /No entries match these conditions\./u);
});

/** Answers with a refusal when the test is over, which ends a command that would stay for ever. */
function endingTransport(server: ReturnType<typeof createFakeServer>, isOver: () => boolean) {
  const transport = server.openTransport();
  return Object.assign(
    async (request: ApiTransportRequest): Promise<ApiTransportResponse> =>
      isOver() ? { status: 401, contentType: 'text/plain', text: '' } : await transport(request),
    { close: () => undefined },
  );
}

test('what makes no sense is refused before anything is asked', async () => {
  for (const args of [
    ['--severity', 'fatal'],
    ['--since', 'yesterday'],
    ['--limit', '100001'],
    ['--follow', '--until', '1h'],
    ['--json', '--csv'],
  ]) {
    const server = createFakeServer([]);
    await assert.rejects(
      run(server, ...args),
      (error) => error instanceof CliError && error.code === 'ARGUMENT_INVALID',
      args.join(' '),
    );
    assert.equal(server.queries.length, 0);
  }
});
