import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest } from '@holdfast/api';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-tags-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

const deviceId = '019aa000-0000-7000-8000-000000000001';
const changeId = '019aa000-0000-7000-8000-000000000002';
const tagId = '019aa000-0000-7000-8000-000000000003';

/** What the server says to each call, and what it was asked. */
function createFakeServer() {
  const calls: { readonly target: string; readonly body: unknown }[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    'GET /api/v1/devices': { devices: [], nextCursor: null, count: { value: 0, isExact: true } },
    'GET /api/v1/tags': {
      tags: [
        {
          id: tagId,
          name: 'Kiosk',
          revision: 7,
          deviceCount: 2,
          colour: 'teal',
          description: '',
          createdAt: '',
          createdBy: '',
        },
      ],
    },
    'POST /api/v1/device-tags/plan': { planToken: 'shown', consequences: ['"kiosk" is put on 2 devices.'] },
    'POST /api/v1/device-tags': { changedCount: 2, changeId },
    [`POST /api/v1/device-tags/${changeId}/undo`]: { changedCount: 2 },
    [`PATCH /api/v1/tags/${tagId}`]: { name: 'Stand' },
    [`GET /api/v1/devices/${deviceId}/notes`]: {
      notes: [
        {
          id: tagId,
          text: 'one\ntwo \u001b[2J',
          createdAt: '2026-11-30T08:00:00.000Z',
          createdBy: 'alice',
          changedAt: null,
          changedBy: null,
        },
      ],
    },
  };
  const transport = async ({ method, target, body }: ApiTransportRequest) => {
    calls.push({ target: `${method} ${target}`, body: body === undefined ? undefined : JSON.parse(body) });
    const answer = answers[`${method} ${target.split('?')[0]}`];
    assert.ok(answer !== undefined, `${method} ${target}`);
    return { status: 200, contentType: 'application/json', text: JSON.stringify(answer) };
  };
  return { calls, openTransport: () => Object.assign(transport, { close: () => undefined }) };
}

async function run(server: ReturnType<typeof createFakeServer>, ...args: string[]): Promise<string> {
  const stdout = new PassThrough();
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    now: () => 0,
    openTransport: server.openTransport,
  };
  await createProgram(context, '1.2.3', { exitCode: ExitCode.done }).parseAsync([
    'node',
    'holdfast',
    ...args,
  ]);
  return String(stdout.read() ?? '');
}

function isInvalid(error: unknown): boolean {
  return error instanceof CliError && error.code === 'ARGUMENT_INVALID';
}

test('devices are listed by tags that they have and tags that they have not', async () => {
  const server = createFakeServer();
  await run(server, 'directory', 'devices', '--tag', 'lab', '--tag', 'kiosk', '--without-tag', 'old');
  assert.match(server.calls[0]?.target ?? '', /\?tag=lab&tag=kiosk&withoutTag=old&/);
});

test('named devices are tagged at once, and the way back is said', async () => {
  const server = createFakeServer();
  const out = await run(server, 'directory', 'tag', deviceId, '--add', 'kiosk', '--remove', 'lab');
  assert.deepEqual(server.calls.at(-1)?.body, {
    targets: { deviceIds: [deviceId] },
    add: ['kiosk'],
    remove: ['lab'],
    planToken: 'shown',
  });
  assert.match(out, new RegExp(`Changed 2 devices. Undo: holdfast directory tag --undo ${changeId}`));
  assert.match(await run(server, 'directory', 'tag', '--undo', changeId), /Taken back on 2 devices/);
});

test('what a filter finds is changed only after somebody agreed', async () => {
  const server = createFakeServer();
  await assert.rejects(
    run(server, 'directory', 'tag', '--tag', 'lab', '--add', 'kiosk'),
    (error) => error instanceof CliError && error.code === 'CONFIRMATION_MISSING',
  );
  assert.deepEqual(
    server.calls.map(({ target }) => target),
    ['POST /api/v1/device-tags/plan'],
  );
  await run(server, 'directory', 'tag', '--tag', 'lab', '--add', 'kiosk', '--yes');
  assert.deepEqual(server.calls.at(-1)?.body, {
    targets: { filter: { tag: ['lab'] } },
    add: ['kiosk'],
    remove: [],
    planToken: 'shown',
  });
});

test('tagging needs tags, and either devices or a filter', async () => {
  for (const args of [[deviceId], ['--add', 'kiosk'], [deviceId, '--platform', 'linux', '--add', 'kiosk']]) {
    const server = createFakeServer();
    await assert.rejects(run(server, 'directory', 'tag', ...args), isInvalid, args.join(' '));
    assert.deepEqual(server.calls, []);
  }
});

test('a tag is found whatever its capitals, and one that is not there is told', async () => {
  const server = createFakeServer();
  assert.equal(await run(server, 'tags', 'rename', 'KIOSK', 'Stand'), 'It is now Stand.\n');
  assert.deepEqual(server.calls.at(-1)?.body, { name: 'Stand', revision: 7 });
  await assert.rejects(
    run(server, 'tags', 'rename', 'nothing', 'x'),
    (error) => error instanceof CliError && error.code === 'TAG_UNKNOWN',
  );
  await assert.rejects(run(server, 'tags', 'change', 'kiosk'), isInvalid);
  await assert.rejects(run(server, 'tags', 'create', 'x', '--colour', 'mauve'), isInvalid);
});

test('notes are printed with author and lines, and steer no terminal', async () => {
  const out = await run(createFakeServer(), 'directory', 'notes', 'list', deviceId);
  assert.equal(out, `2026-11-30T08:00:00.000Z alice  ${tagId}\n  one\n  two \uFFFD[2J\n`);
});
