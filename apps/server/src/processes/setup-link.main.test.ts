import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { parseFailureJson } from '@holdfast/kernel';
import { createFirstAdministrator } from '@holdfast/api';
import { quickStart } from '@holdfast/testkit';
import { GOOD_PASSWORD, secretOf } from '../testing/test-administrators.ts';
import { send } from '../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const program = new URL('./setup-link.main.ts', import.meta.url).pathname;

let server: TestServer;
let home: string;
before(async () => {
  server = await startTestServer();
  home = await mkdtemp(path.join(tmpdir(), 'holdfast-setup-link-'));
});
after(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

async function run(args: readonly string[], databaseUrl: string | undefined): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '',
      ...quickStart(),
      HOLDFAST_HOME: home,
      ...(databaseUrl === undefined ? {} : { HOLDFAST_DATABASE_URL: databaseUrl }),
    },
  });
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, out, error };
}

test('a link from the command line sets up the running server, and then there is no other', async () => {
  const made = await run(['--json'], server.database.url);
  assert.equal(made.code, 0, made.error);
  const { link, expiresAt } = JSON.parse(made.out) as { link: string; expiresAt: string };
  assert.match(link, /^https:\/\/localhost:8443\/setup#/);
  // The test's clock stands still in the past of the program's.
  server.clock.jump(Date.parse(expiresAt) - 3_600_000 - server.clock.now());
  const body = { secret: secretOf(link), name: 'alice', password: GOOD_PASSWORD };
  assert.equal((await send(server, createFirstAdministrator, { body })).statusCode, 201);
  const again = await run([], server.database.url);
  assert.equal(again.code, 1);
  assert.match(again.error, /SETUP_ALREADY_DONE/);
  assert.equal(again.out, '');
});

test('without a running database it says so', async () => {
  const outcome = await run(['--json'], undefined);
  assert.equal(outcome.code, 4, outcome.error);
  assert.equal(parseFailureJson(outcome.error)?.code, 'DATABASE_UNAVAILABLE');
});

test('an argument that it does not know is a mistake in the call', async () => {
  assert.equal((await run(['--for', 'me'], undefined)).code, 2);
});
