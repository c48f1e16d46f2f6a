import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getDevice, type Permission, permissions, renameDevice } from '@holdfast/api';
import { callApi } from '../apps/server/src/testing/test-api.ts';
import { type FleetDevice, insertFleet } from '../apps/server/src/testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../apps/server/src/testing/test-server.ts';
import { until } from './support/until.ts';

// The command line as a script meets it: the program itself, its exit status, and what it writes where, against a real server.

const MAIN = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const WAIT_MS = 60_000;

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An error as `--json` writes it. */
interface ErrorLine {
  readonly error: {
    readonly exitCode: number;
    readonly code: string;
    readonly message: string;
    readonly remedy?: string;
    readonly requestId?: string;
  };
}

describe('the command line', () => {
  let server: TestServer;
  let folder: string;
  let devices: FleetDevice[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-command-line-'));
    server = await startTestServer({ isListening: true });
    await writeFile(join(folder, 'authority.pem'), server.keys.authorities.current.certificate);
    devices = await insertFleet(server, { count: 3 });
    for (const [index, { id }] of devices.entries())
      await callApi(server, renameDevice, { params: { deviceId: id }, body: { name: `desk-${index + 1}` } });
  });
  after(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What automation sets, with a key that may this. */
  function connected(...allowed: readonly Permission[]): Record<string, string> {
    const { authorization = '' } = server.actAs({ permissions: allowed });
    return {
      HOLDFAST_SERVER: server.address,
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
      HOLDFAST_API_KEY: authorization.replace('Bearer ', ''),
    };
  }

  async function run(environment: Record<string, string>, ...args: string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        TMPDIR: tmpdir(),
        XDG_CONFIG_HOME: join(folder, 'nothing-stored'),
        HOLDFAST_HOME: join(folder, 'no-server-here'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { code, out, err };
  }

  /** Fails with this status and code, says so in one line of JSON, and writes no result. */
  function assertFailed(outcome: Outcome, exitCode: number, code: string | RegExp): ErrorLine['error'] {
    assert.equal(outcome.code, exitCode, outcome.err);
    assert.equal(outcome.out, '');
    assert.match(outcome.err, /^[^\n]*\n$/u, 'one line');
    const { error } = JSON.parse(outcome.err) as ErrorLine;
    assert.equal(error.exitCode, exitCode, outcome.err);
    assert.match(error.code, typeof code === 'string' ? new RegExp(`^${code}$`, 'u') : code);
    assert.notEqual(error.message, '');
    return error;
  }

  test('what is typed wrongly ends with 2, help with 0', async () => {
    const wrong = [['nonsense'], ['directory', 'devices', '--nonsense']];
    for (const outcome of await Promise.all(wrong.map((args) => run({}, ...args)))) {
      assert.equal(outcome.code, 2, outcome.err);
      assert.notEqual(outcome.err, '');
      assert.equal(outcome.out, '');
    }
    const [help, argument] = await Promise.all([
      run({}, '--help'),
      run(connected('directory:read'), 'directory', 'devices', '--limit', 'many', '--json'),
    ]);
    assert.equal(help.code, 0);
    assert.match(help.out, /directory/u);
    assertFailed(argument, 2, 'ARGUMENT_INVALID');
  });

  test('nobody who is not connected, a server that is away, and a refusal are told apart', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const away = { ...connected('directory:read'), HOLDFAST_SERVER: `https://127.0.0.1:${port}` };
    const [unknown, gone, refused] = await Promise.all([
      run({}, 'tokens', 'list', '--json'),
      run(away, 'tokens', 'list', '--json'),
      run(connected('directory:read'), 'tokens', 'list', '--json'),
    ]);
    assert.match(assertFailed(unknown, 1, 'NOT_CONNECTED').remedy ?? '', /holdfast connect/u);
    assertFailed(gone, 4, /NOT_REACHABLE/u);
    assert.notEqual(assertFailed(refused, 1, 'PERMISSION_DENIED').requestId ?? '', '');
  });

  test('a server with another fingerprint ends with 3 and nothing is stored; the right one is remembered', async () => {
    const key = connected('directory:read', 'system:read')['HOLDFAST_API_KEY'] ?? '';
    const environment = { XDG_CONFIG_HOME: join(folder, 'stored'), HOLDFAST_API_KEY: key };
    const connect = (fingerprint: string): Promise<Outcome> =>
      run(environment, 'connect', server.address, '--fingerprint', fingerprint, '--json');
    assertFailed(await connect('x'.repeat(43)), 3, 'SERVER_FINGERPRINT_MISMATCH');
    const file = join(folder, 'stored', 'holdfast', 'connection.json');
    await assert.rejects(stat(file));
    const stored = await connect(server.keys.authorities.current.fingerprint);
    assert.equal(stored.code, 0, stored.err);
    assert.equal((JSON.parse(stored.out) as { server: string }).server, server.address);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const { HOLDFAST_API_KEY: _, ...later } = environment;
    const status = await run(later, 'status', '--json');
    assert.equal(status.code, 0, status.err);
    assert.equal((JSON.parse(status.out) as { productCount: number }).productCount, 3);
  });

  test('with --json a result is JSON and nothing else, also where people are told more', async () => {
    const [listed, shown] = await Promise.all([
      run(connected('directory:read'), 'directory', 'devices', '--limit', '1', '--json'),
      run(connected('directory:read'), 'directory', 'devices', '--limit', '1'),
    ]);
    assert.equal(listed.code, 0);
    assert.equal((JSON.parse(listed.out) as unknown[]).length, 1);
    assert.equal(listed.err, '');
    assert.match(shown.out, /^NAME /u);
    assert.match(shown.err, /1 of 3 shown/u);
  });

  test('nothing is removed unasked, with --json neither', async () => {
    const [, , last] = devices;
    assert.ok(last !== undefined);
    const mayEdit = connected('directory:read', 'directory:edit');
    const unasked = await run(mayEdit, 'directory', 'remove', 'desk-3', '--json');
    assert.equal(unasked.code, 1, unasked.err);
    assert.match(unasked.err, /"code":"CONFIRMATION_MISSING"/u);
    const { device } = await callApi(server, getDevice, { params: { deviceId: last.id } });
    assert.equal(device.name, 'desk-3');
  });

  test('an export that is refused is a failure', async () => {
    const refused = await run(connected('commands:read'), 'directory', 'export', '--format', 'json');
    assert.equal(refused.code, 1, refused.err);
    assert.match(refused.err, /403/u);
  });

  test('whoever waits for a command learns from the status whether it succeeded everywhere', async () => {
    const { db } = server.database;
    const seen: string[] = [];
    for (const states of [
      ['succeeded', 'succeeded'],
      ['succeeded', 'expired'],
    ] as const) {
      const order = ['commands', 'issue', 'collect-inventory', 'desk-1', 'desk-2', '--wait', '--json'];
      const running = run(connected(...permissions), ...order);
      const id = await until(
        'the command is issued',
        async () =>
          (await db.selectFrom('command').select('id').execute()).find((row) => !seen.includes(row.id))?.id,
        WAIT_MS,
      );
      seen.push(id);
      for (const [index, state] of states.entries()) {
        const { productNumber } = devices[index] ?? assert.fail('no such device');
        await db
          .updateTable('command_target')
          .set({ state })
          .where('command_id', '=', id)
          .where('product_number', '=', productNumber)
          .execute();
      }
      const { code, out } = await running;
      const { counts } = JSON.parse(out) as { counts: Record<string, number> };
      assert.equal(counts['total'], 2);
      assert.equal(code, states[1] === 'expired' ? 1 : 0, `${states.join()}: ${out}`);
    }
  });

  test('what is passed on to the programs of the server comes back with their words and their status', async () => {
    await mkdir(join(folder, 'files'));
    const damaged = join(folder, 'files', 'damaged.hfbackup');
    await writeFile(damaged, 'no backup');
    const [none, checked] = await Promise.all([
      run({}, 'backup', join(folder, 'files', 'new.hfbackup'), '--json'),
      run({}, 'backup', '--verify', damaged, '--json'),
    ]);
    assert.equal(none.code, 4, none.err);
    assert.match((JSON.parse(none.err) as ErrorLine).error.code, /^[A-Z_]+$/u);
    assert.equal(checked.code, 3, checked.err);
    assert.equal((JSON.parse(checked.err) as ErrorLine).error.code, 'BACKUP_NOT_A_BACKUP');
    assert.equal(await readFile(damaged, 'utf8'), 'no backup');
  });
});
