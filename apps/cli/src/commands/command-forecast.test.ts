import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest, Command, CommandCounts, CommandPlan, CommandType } from '@holdfast/api';
import { ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';
import { describeWaits } from './command-forecast.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-22T20:00:00Z');
const ID = '019aa000-0000-7000-8000-000000000001';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-forecast-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

const type: CommandType = {
  type: 'collect-inventory',
  title: 'Collect inventory',
  description: '',
  lane: 'quick',
  reach: 'harmless',
  permission: 'commands:issue',
  parametersSchema: { type: 'object', properties: {} },
  resultSchema: { type: 'object', properties: {} },
  defaultExpiryMs: 24 * HOUR_MS,
};

function begin(afterHours: number | null, devices: number): CommandPlan['waits'][number] {
  const hoursBeginAt = afterHours === null ? null : new Date(NOW + afterHours * HOUR_MS).toISOString();
  return { hoursBeginAt, devices };
}

function commandWith(counts: Partial<CommandCounts>): Command {
  const none = { queued: 0, delivered: 0, accepted: 0, running: 0, cancelling: 0, succeeded: 0, failed: 0 };
  return {
    id: ID,
    type: type.type,
    title: type.title,
    parameters: {},
    target: '5 devices',
    issuedAt: new Date(NOW).toISOString(),
    issuedBy: 'admin',
    expiresAt: new Date(NOW + HOUR_MS).toISOString(),
    isUrgent: false,
    repeatsId: null,
    counts: { total: 5, ...none, expired: 0, cancelled: 0, ...counts },
  };
}

interface Answers {
  /** Absent: the server refuses to plan. */
  readonly waits?: CommandPlan['waits'];
  readonly issued: Command;
  readonly later?: Command;
}

async function issue({ waits, issued, later }: Answers, ...args: readonly string[]) {
  const calls: string[] = [];
  const notesAtOrder: string[] = [];
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const answer = async ({ method, target }: ApiTransportRequest) => {
    calls.push(`${method} ${target}`);
    if (target === '/api/v1/commands/plan' && waits === undefined) {
      return { status: 404, contentType: 'text/plain', text: 'none' };
    }
    if (target === '/api/v1/commands') notesAtOrder.push(String(stderr.read() ?? ''));
    const answers: Readonly<Record<string, unknown>> = {
      'GET /api/v1/command-types': { types: [type] },
      'POST /api/v1/commands/plan': { waits },
      'POST /api/v1/commands': issued,
      [`GET /api/v1/commands/${ID}`]: later,
    };
    const text = JSON.stringify(answers[`${method} ${target}`]);
    return { status: target === '/api/v1/commands' ? 201 : 200, contentType: 'application/json', text };
  };
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
    now: () => NOW,
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  const program = createProgram(context, '1.2.3', { exitCode: ExitCode.done });
  await program.parseAsync(['node', 'holdfast', 'commands', 'issue', type.type, '--all', ...args]);
  return {
    calls,
    before: notesAtOrder.join(''),
    after: String(stderr.read() ?? ''),
    out: String(stdout.read() ?? ''),
  };
}

test('who waits for working hours is told in a sentence each for on time, too late and never', () => {
  assert.deepEqual(describeWaits([], NOW, NOW + HOUR_MS), []);
  assert.deepEqual(describeWaits([begin(3, 1)], NOW, NOW + 4 * HOUR_MS), [
    '1 device is in idle hours and gets it when its working hours begin, in 3 h.',
  ]);
  const [onTime = '', late = '', never = '', ...more] = describeWaits(
    [begin(1, 2), begin(3, 4), begin(4, 7), begin(null, 1)],
    NOW,
    NOW + 4 * HOUR_MS,
  );
  assert.match(onTime, /^6 devices .* the last of them in 3 h\.$/u);
  assert.match(late, /^7 devices .* expires before .*--expires/u);
  assert.match(never, /^1 device is in idle hours that never end.*--urgent/u);
  assert.deepEqual(more, []);
});

test('an order says before it is given who waits, and after it where it was cancelled at once', async () => {
  const issued = commandWith({ queued: 3, cancelled: 2 });
  const { before, after, out } = await issue({ waits: [begin(12, 3)], issued });
  assert.match(before, /^3 devices are in idle hours .* in 12 h\.\n$/u);
  assert.match(after, new RegExp(`^Cancelled at once on 2 of 5: .*commands show ${ID}`, 'u'));
  assert.match(out, new RegExp(`: ${ID}\n$`, 'u'));
});

test('the time that an order waits is that of --expires', async () => {
  const issued = commandWith({ queued: 5 });
  const { before, after } = await issue({ waits: [begin(12, 3)], issued }, '--expires', '2h');
  assert.match(before, /^3 devices .* expires before/u);
  assert.equal(after, '', 'nothing was cancelled');
});

test('an urgent order waits for no hours, and a script is told nothing', async () => {
  const issued = commandWith({ queued: 3, cancelled: 2 });
  for (const flag of ['--urgent', '--json']) {
    const { calls, before } = await issue({ waits: [begin(12, 3)], issued }, flag);
    assert.equal(before, '');
    assert.ok(!calls.includes('POST /api/v1/commands/plan'), flag);
  }
  assert.equal((await issue({ waits: [], issued }, '--json')).after, '');
});

test('a server that does not plan is given the order all the same', async () => {
  const { calls, before } = await issue({ issued: commandWith({ queued: 5 }) });
  assert.equal(before, '');
  assert.equal(calls.at(-1), 'POST /api/v1/commands');
});

test('with --wait the end shows how many failed, expired and were cancelled', async () => {
  const issued = commandWith({ queued: 4, cancelled: 1 });
  const later = commandWith({ succeeded: 1, failed: 0, expired: 3, cancelled: 1 });
  const { out } = await issue({ waits: [], issued, later }, '--wait');
  const [head = '', row = ''] = out.split('\n');
  assert.match(head, /SUCCEEDED +FAILED +EXPIRED +CANCELLED +IN PROGRESS +ALL/u);
  assert.match(row, / 1 +0 +3 +1 +0 +5$/u);
});
