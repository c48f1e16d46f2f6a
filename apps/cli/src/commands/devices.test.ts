import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  type ApiTransportRequest,
  definitionOf,
  type DeviceSummary,
  plainFields,
  unknownFields,
} from '@holdfast/api';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-devices-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

function idOf(index: number): string {
  return `019aa000-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

function device(index: number, name: string): DeviceSummary {
  return {
    id: idOf(index),
    ...unknownFields,
    name,
    groupId: idOf(0),
    groupPath: ['Berlin'],
    platform: 'linux',
    system: 'Debian',
    address: '192.0.2.1',
    agentVersion: '1',
    productNumber: index,
    transport: 'udp',
    isEncrypted: null,
    registeredAt: '2026-11-22T08:00:00.000Z',
    presence: {
      status: 'online',
      reason: 'heartbeat',
      lastSeenAt: null,
    } as unknown as DeviceSummary['presence'],
    tags: [],
    twins: [],
    keyCopies: [],
  };
}

/** A server with these devices, in this order; a search finds parts of names. */
function createFakeServer(devices: readonly DeviceSummary[]) {
  const targets: string[] = [];
  const answer = async ({ method, target }: ApiTransportRequest) => {
    targets.push(`${method} ${target}`);
    const url = new URL(target, 'https://server');
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const begin = Number(url.searchParams.get('cursor') ?? 0);
    const search = url.searchParams.get('search')?.toLowerCase() ?? '';
    const found = devices.filter(({ name }) => name.toLowerCase().includes(search));
    const end = begin + limit;
    const page = {
      devices: found.slice(begin, end),
      nextCursor: end < found.length ? String(end) : null,
      count: { value: found.length, isExact: true },
    };
    const removed = { id: idOf(9), kind: 'device', name: 'x', path: [], removedAt: '', removedBy: '' };
    return {
      status: 200,
      contentType: 'application/json',
      text: JSON.stringify(method === 'GET' ? page : removed),
    };
  };
  return { targets, openTransport: () => Object.assign(answer, { close: () => undefined }) };
}

async function run(
  server: ReturnType<typeof createFakeServer>,
  isTTY: boolean,
  ...args: string[]
): Promise<{ out: string; notes: string }> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = new PassThrough();
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
    now: () => 0,
    openTransport: server.openTransport,
  };
  const outcome = { exitCode: ExitCode.done };
  await createProgram(context, '1.2.3', outcome).parseAsync(['node', 'holdfast', 'directory', ...args]);
  return { out: String(stdout.read() ?? ''), notes: String(stderr.read() ?? '') };
}

const many = Array.from({ length: 1_203 }, (_, index) => device(index + 1, `pc-${index + 1}`));

test('a terminal shows a hundred devices with their ids and says how to see the others', async () => {
  const { out, notes } = await run(createFakeServer(many), true, 'devices');
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 101);
  assert.match(lines[0] ?? '', /^NAME .* ID$/);
  assert.match(lines[1] ?? '', new RegExp(`^pc-1 .*${idOf(1)}$`));
  assert.match(notes, /100 of 1203 shown; --all/);
});

test('a pipe, JSON and --all get every device, in the order of the server', async () => {
  const names = many.map(({ name }) => name);
  for (const [isTTY, args] of [
    [false, []],
    [true, ['--all']],
  ] as const) {
    const { out, notes } = await run(createFakeServer(many), isTTY, 'devices', ...args);
    const shown = out.trimEnd().split('\n').slice(1);
    assert.deepEqual(
      shown.map((line) => line.split(' ')[0]),
      names,
    );
    assert.equal(notes, '');
  }
  const { out } = await run(createFakeServer(many), true, 'devices', '--json');
  const rows = JSON.parse(out) as DeviceSummary[];
  assert.deepEqual(
    rows.map(({ id }) => id),
    many.map(({ id }) => id),
  );
});

test('a limit counts, wherever the list goes', async () => {
  for (const isTTY of [true, false]) {
    const { out, notes } = await run(createFakeServer(many), isTTY, 'devices', '--limit', '3');
    assert.equal(out.trimEnd().split('\n').length, 4);
    assert.match(notes, /3 of 1203/);
  }
});

test('a device is found by its name, also when hundreds of others have the name as a part of theirs', async () => {
  const server = createFakeServer([...many, device(5_000, 'PC')]);
  await run(server, true, 'remove', 'pc', '--yes');
  assert.ok(server.targets.at(-1)?.includes(idOf(5_000)), server.targets.at(-1));
});

test('a name that two devices share is refused with their ids, unless capitals tell them apart', async () => {
  const twins = createFakeServer([device(1, 'laptop'), device(2, 'laptop')]);
  await assert.rejects(
    run(twins, true, 'remove', 'laptop', '--yes'),
    (error) =>
      error instanceof CliError &&
      error.code === 'NAME_AMBIGUOUS' &&
      error.message.includes(idOf(1)) &&
      error.message.includes(idOf(2)),
  );
  assert.ok(twins.targets.every((target) => target.startsWith('GET')));
  const distinct = createFakeServer([device(1, 'laptop'), device(2, 'LAPTOP')]);
  await run(distinct, true, 'remove', 'LAPTOP', '--yes');
  assert.ok(distinct.targets.at(-1)?.includes(idOf(2)));
  await assert.rejects(
    run(distinct, true, 'remove', 'Laptop', '--yes'),
    (error) => error instanceof CliError && error.code === 'NAME_AMBIGUOUS',
  );
});

test('columns are chosen by their words, and the order is asked of the server', async () => {
  const server = createFakeServer([device(1, 'pc')]);
  const { out } = await run(
    server,
    false,
    'devices',
    '--columns',
    'name, agent',
    '--sort',
    'system',
    '--descending',
  );
  assert.deepEqual(
    out.split('\n').map((line) => line.split(/ {2,}/)),
    [['NAME', 'AGENT VERSION', 'ID'], ['pc', '1', idOf(1)], ['']],
  );
  assert.match(server.targets[0] ?? '', /sort=system&order=descending/);
  for (const args of [
    ['--columns', 'name,weight'],
    ['--sort', 'weight'],
  ]) {
    await assert.rejects(
      run(server, false, 'devices', ...args),
      (error) => error instanceof CliError && error.code === 'ARGUMENT_INVALID',
    );
  }
});

test('every plain field is a column and a filter, also for devices that have none', async () => {
  for (const name of plainFields) {
    const { word, title } = definitionOf(name);
    const server = createFakeServer([{ ...device(1, 'pc'), [name]: 'Value\u001b[2J' }]);
    const { out } = await run(server, false, 'devices', '--columns', word, `--${word}`, 'value');
    const [heading, line] = out.split('\n');
    assert.match(heading ?? '', new RegExp(`^${title.toUpperCase()} +ID$`));
    assert.match(line ?? '', /^Value\uFFFD\[2J {2,}/, 'nothing repaints the screen');
    assert.ok(server.targets[0]?.includes(`${name}=value`), server.targets[0]);
    await run(server, false, 'devices', `--no-${word}`);
    assert.match(server.targets[1] ?? '', new RegExp(`[?&]${name}=(&|$)`));
  }
});
