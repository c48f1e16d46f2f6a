import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type {
  ApiTransportRequest,
  ComponentDownload,
  ComponentPlan,
  ComponentRollout,
  ComponentSource,
  DeviceComponent,
} from '@holdfast/api';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-updates-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
  await writeFile(join(folder, 'password'), 'open sesame\nand nothing of this\n');
});
after(() => rm(folder, { recursive: true }));

const id = (last: number): string => `019aa000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const fingerprint = 'ab12'.repeat(16);
const source: ComponentSource = {
  id: id(1),
  name: 'Publisher',
  kind: 'web',
  address: 'https://updates.example.org/components/',
  proxy: null,
  userName: null,
  proxyUserName: null,
  hasPassword: false,
  hasProxyPassword: false,
  publicKey: null,
  createdAt: '2026-12-01T08:00:00.000Z',
  revision: 3,
};
const download: ComponentDownload = {
  id: id(2),
  state: 'running',
  requestedBy: 'ada',
  requestedAt: '2026-12-01T08:00:00.000Z',
  endedAt: null,
  sourceName: 'Publisher',
  doneBytes: 1_048_576,
  totalBytes: 4_194_304,
  newReleases: 0,
  errorCode: null,
  error: null,
};
const plan: ComponentPlan = {
  id: id(3),
  name: 'Careful',
  stages: [],
  createdAt: '2026-12-01T08:00:00.000Z',
  revision: 2,
};
const rollout: ComponentRollout = {
  id: id(4),
  componentId: 'web-rules',
  componentTitle: 'Web rules',
  release: 7,
  planName: 'Careful',
  state: 'stopped',
  startedAt: '2026-12-01T08:00:00.000Z',
  endedAt: null,
  stages: [
    {
      groupId: id(11),
      groupName: 'Kiosks',
      dueAt: '2026-12-01T08:00:00.000Z',
      begunAt: '2026-12-01T08:00:00.000Z',
      passedAt: null,
      successPercent: 90,
      failurePercent: 5,
      devices: 20,
      updated: 3,
      failed: 4,
    },
  ],
};
const failed: DeviceComponent = {
  componentId: 'web-rules',
  title: 'Web rules',
  kind: 'rules',
  release: 6,
  version: '6.0',
  state: 'failed',
  behindBy: 1,
  code: 'TRY_FAILED',
  reason: 'The \u001b[31mproxy does not load them.',
  changedAt: '2026-12-01T08:00:00.000Z',
};
const groups = [
  { id: id(10), name: 'All devices', path: [], parentId: null },
  { id: id(11), name: 'Kiosks', path: ['Kiosks'], parentId: id(10) },
  { id: id(12), name: 'Sales, inside', path: ['Berlin', 'Sales, inside'], parentId: id(10) },
];
const schedule = {
  isEnabled: true,
  everyMinutes: 60,
  startTime: null,
  hours: null,
  lastAt: null,
  revision: 4,
};
const rates = { allPerSecond: null, eachPerSecond: 1_048_576, revision: 1 };

interface Run {
  readonly requests: readonly { readonly line: string; readonly body: unknown }[];
  readonly output: string;
  readonly exitCode: ExitCode;
}

/** Runs the program against these answers; one that is a list gives one after the other. */
async function run(words: readonly string[], answers: Readonly<Record<string, unknown>> = {}): Promise<Run> {
  const requests: { line: string; body: unknown }[] = [];
  const all: Readonly<Record<string, unknown>> = {
    'GET /api/v1/component-sources': { sources: [source] },
    'GET /api/v1/component-plans': { plans: [plan] },
    'GET /api/v1/component-rollouts': { rollouts: [rollout] },
    'GET /api/v1/component-schedule': schedule,
    'GET /api/v1/component-rates': rates,
    'GET /api/v1/groups': { groups },
    [`POST /api/v1/component-sources/${source.id}/look`]: {
      fingerprint,
      version: 1,
      expiresAt: '2027-12-01T08:00:00.000Z',
      roles: [{ role: 'root', keyCount: 3, threshold: 2 }],
    },
    ...answers,
  };
  const asked = new Map<string, number>();
  const answer = async ({ method, target, body }: ApiTransportRequest) => {
    const line = `${method} ${target}`;
    requests.push({ line, body: body === undefined ? undefined : (JSON.parse(body) as unknown) });
    const times = asked.get(line) ?? 0;
    asked.set(line, times + 1);
    const given = all[line];
    const found: unknown = Array.isArray(given) ? (given[times] ?? given.at(-1)) : given;
    return {
      status: found === undefined ? 204 : 200,
      contentType: 'application/json',
      text: found === undefined ? '' : JSON.stringify(found),
    };
  };
  const stdout = Object.assign(new PassThrough(), { isTTY: false });
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
      HOLDFAST_API_KEY: 'hfk_none',
    },
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    now: () => 0,
    wait: async () => undefined,
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  const outcome: { exitCode: ExitCode } = { exitCode: ExitCode.done };
  await createProgram(context, '0.0.0', outcome).parseAsync(words, { from: 'user' });
  return { requests, output: String(stdout.read() ?? ''), exitCode: outcome.exitCode };
}

async function refuse(words: readonly string[], code: CliError['code']): Promise<CliError> {
  let refused: unknown;
  await run(words).catch((error: unknown) => (refused = error));
  assert.ok(refused instanceof CliError, 'it is refused');
  assert.equal(refused.code, code);
  return refused;
}

test('a source is added by its address, with a password out of a file', async () => {
  const { requests } = await run(
    [
      ...['updates', 'sources', 'add', 'Mirror', 'https://mirror.example.org/'],
      ...['--user', 'holdfast', '--password-file', join(folder, 'password')],
    ],
    { 'POST /api/v1/component-sources': source },
  );
  assert.deepEqual(requests.at(-1)?.body, {
    name: 'Mirror',
    address: 'https://mirror.example.org/',
    kind: 'web',
    proxy: null,
    userName: 'holdfast',
    proxyUserName: null,
    password: 'open sesame',
  });
  const added = await run(['updates', 'sources', 'add', 'Folder', '/srv/components'], {
    'POST /api/v1/component-sources': source,
  });
  assert.equal((added.requests.at(-1)?.body as { kind?: string } | undefined)?.kind, 'folder');
});

test('what is not said of a source stays, and empty takes it away', async () => {
  const { requests } = await run(['updates', 'sources', 'change', 'publisher', '--user', ''], {
    [`PATCH /api/v1/component-sources/${source.id}`]: source,
  });
  assert.deepEqual(requests.at(-1)?.body, { revision: 3, userName: null });
});

test('a root is trusted by its fingerprint, however that is written', async () => {
  const written = (fingerprint.toUpperCase().match(/../gu) ?? []).join(':');
  const { requests } = await run(['updates', 'sources', 'trust', 'Publisher', '--fingerprint', written], {
    [`POST /api/v1/component-sources/${source.id}/trust`]: {
      fingerprint,
      trustedAt: '2026-12-01T08:00:00.000Z',
      trustedBy: 'ada',
      expiresAt: null,
    },
  });
  assert.deepEqual(requests.at(-1)?.body, { fingerprint });
});

test('another fingerprint trusts nothing, and says so by the exit code of proofs that fail', async () => {
  const words = ['updates', 'sources', 'trust', 'Publisher', '--fingerprint', 'ff'.repeat(32)];
  const refused = await refuse(words, 'ROOT_FINGERPRINT_MISMATCH');
  assert.equal(refused.exitCode, ExitCode.verificationFailed);
  await refuse(
    ['updates', 'sources', 'trust', 'Publisher', '--fingerprint', fingerprint.slice(2)],
    'ARGUMENT_INVALID',
  );
});

test('a download is waited for until it has ended, and its end is the exit code', async () => {
  const ended = { ...download, state: 'succeeded', endedAt: '2026-12-01T08:01:00.000Z', newReleases: 2 };
  const answers = (last: object) => ({
    'POST /api/v1/component-downloads': { ...download, state: 'waiting' },
    'GET /api/v1/component-downloads': [{ downloads: [download] }, { downloads: [last] }],
  });
  const good = await run(['updates', 'download', '--wait'], answers(ended));
  assert.equal(good.exitCode, ExitCode.done);
  assert.match(good.output, /New releases\s+2/u);
  const bad = await run(
    ['updates', 'download', '--wait', '--json'],
    answers({ ...download, state: 'waiting', error: 'It does not answer.', errorCode: 'SOURCE_SLOW' }),
  );
  assert.equal(bad.exitCode, ExitCode.refused);
  assert.equal((JSON.parse(bad.output) as ComponentDownload).errorCode, 'SOURCE_SLOW');
});

test('without --wait a download is only asked for', async () => {
  const { requests } = await run(['updates', 'download'], { 'POST /api/v1/component-downloads': download });
  assert.equal(requests.length, 1);
});

test('stages of a plan name groups with commas in their names', async () => {
  const { requests } = await run(
    [
      ...['updates', 'plans', 'create', 'Careful'],
      ...['--stage', 'Kiosks', '--stage', 'Berlin/Sales, inside,after=2h,success=80'],
      ...['--stage', '/,at=22:00,failure=none'],
    ],
    { 'POST /api/v1/component-plans': plan },
  );
  const stage = { delayMinutes: 0, startTime: null, successPercent: 90, failurePercent: 5 };
  assert.deepEqual(requests.at(-1)?.body, {
    name: 'Careful',
    stages: [
      { ...stage, groupId: id(11) },
      { ...stage, groupId: id(12), delayMinutes: 120, successPercent: 80 },
      { ...stage, groupId: id(10), startTime: '22:00', failurePercent: null },
    ],
  });
});

test('a stage that means nothing is refused before the server is asked', async () => {
  for (const stage of [
    'Kiosks,after=soon',
    'Kiosks,after=90s',
    'Kiosks,at=25:00',
    'Kiosks,after=1h,at=22:00',
    'Kiosks,success=101',
    'Kiosks,failure=-1',
    'Kiosks,success=1,success=2',
  ])
    await refuse(['updates', 'plans', 'create', 'Careful', '--stage', stage], 'ARGUMENT_INVALID');
  await refuse(['updates', 'plans', 'create', 'Careful', '--stage', 'Nowhere'], 'GROUP_UNKNOWN');
  await refuse(['updates', 'plans', 'create', 'Careful'], 'ARGUMENT_INVALID');
});

test('a rule that ends what is on its way is asked about first', async () => {
  const words = ['updates', 'deploy', 'web-rules', '--plan', 'careful'];
  await refuse(words, 'CONFIRMATION_MISSING');
  const { requests } = await run([...words, '--yes'], {
    'PUT /api/v1/components/web-rules/deployment': {
      componentId: 'web-rules',
      mode: 'by-plan',
      planId: plan.id,
      allowedRelease: 6,
    },
  });
  assert.deepEqual(requests.at(-1)?.body, { mode: 'by-plan', planId: plan.id });
  await refuse(['updates', 'deploy', 'web-rules', '--never', '--immediately'], 'ARGUMENT_INVALID');
  await refuse(['updates', 'deploy', 'web-rules'], 'ARGUMENT_INVALID');
});

test('a rollout that stopped is told by the exit code, and nobody completes one unasked', async () => {
  const shown = await run(['updates', 'rollouts', 'show', rollout.id]);
  assert.equal(shown.exitCode, ExitCode.refused);
  assert.match(shown.output, /Kiosks.*20\s+3\s+4\s+5 % failed/u);
  await refuse(['updates', 'rollouts', 'complete', rollout.id], 'CONFIRMATION_MISSING');
  await refuse(['updates', 'rollouts', 'show', id(99)], 'ROLLOUT_UNKNOWN');
  const resumed = await run(['updates', 'rollouts', 'resume', rollout.id]);
  assert.equal(resumed.requests[0]?.line, `POST /api/v1/component-rollouts/${rollout.id}/resumption`);
});

test('a component that failed on a device is told by the exit code, and its words steer no terminal', async () => {
  const { output, exitCode } = await run(['updates', 'device', id(20)], {
    [`GET /api/v1/devices/${id(20)}/components`]: { components: [failed] },
  });
  assert.equal(exitCode, ExitCode.refused);
  assert.match(output, /TRY_FAILED: The/u);
  assert.ok(!output.includes('\u001b'));
});

test('the schedule changes by what is said, and nothing else of it', async () => {
  const { requests } = await run(['updates', 'schedule', '--every', '1d', '--at', '02:30'], {
    'PUT /api/v1/component-schedule': schedule,
  });
  assert.deepEqual(requests.find(({ line }) => line.startsWith('PUT'))?.body, {
    isEnabled: true,
    everyMinutes: 1_440,
    startTime: '02:30',
    hours: null,
    revision: 4,
  });
  const shown = await run(['updates', 'schedule']);
  assert.ok(shown.requests.every(({ line }) => line.startsWith('GET')));
  await refuse(['updates', 'schedule', '--every', '90s'], 'ARGUMENT_INVALID');
  await refuse(['updates', 'schedule', '--on', '--off'], 'ARGUMENT_INVALID');
});

test('rates are given in binary units or taken away', async () => {
  const { requests } = await run(['updates', 'rates', '--all', '50MiB', '--each', 'none'], {
    'PUT /api/v1/component-rates': rates,
  });
  assert.deepEqual(requests.at(-1)?.body, {
    allPerSecond: 52_428_800,
    eachPerSecond: null,
    revision: 1,
  });
  for (const rate of ['50', '0KiB', 'fast', '50MB'])
    await refuse(['updates', 'rates', '--all', rate], 'ARGUMENT_INVALID');
});
