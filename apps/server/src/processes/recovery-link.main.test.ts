import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { parseFailureJson } from '@holdfast/kernel';
import { getCurrentSession, getInvitation, getRecovery, recoverPassword, signIn } from '@holdfast/api';
import { quickStart } from '@holdfast/testkit';
import { GOOD_PASSWORD, secretOf, signInFirstAdministrator } from '../testing/test-administrators.ts';
import { assertRefused, send } from '../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const program = new URL('./recovery-link.main.ts', import.meta.url).pathname;

let server: TestServer;
let home: string;
before(async () => {
  server = await startTestServer();
  home = await mkdtemp(path.join(tmpdir(), 'holdfast-recovery-link-'));
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

test('a link from the command line gives an account a new password, once, and ends its sessions', async () => {
  // The program runs on the time of the system.
  server.clock.jump(Date.now() - server.clock.now());
  const browser = await signInFirstAdministrator(server, 'alice');
  const made = await run(['--json', 'ALICE'], server.database.url);
  assert.equal(made.code, 0, made.error);
  const { link } = JSON.parse(made.out) as { link: string };
  assert.match(link, /^https:\/\/localhost:8443\/recovery#/);
  const secret = secretOf(link);
  const found = (await send(server, getRecovery, { body: { secret } })).json<{ name: string }>();
  assert.equal(found.name, 'alice');
  const body = { secret, password: 'neun wolken unter glas' };
  assertRefused(
    await send(server, recoverPassword, { body: { ...body, password: 'alice1' } }),
    422,
    'PASSWORD_TOO_WEAK',
  );
  assert.equal((await send(server, recoverPassword, { body })).statusCode, 201);
  assertRefused(await browser.send(getCurrentSession), 401, 'SESSION_EXPIRED');
  const name = 'alice';
  assert.equal((await send(server, signIn, { body: { name, password: body.password } })).statusCode, 201);
  assert.equal((await send(server, signIn, { body: { name, password: GOOD_PASSWORD } })).statusCode, 401);
  assertRefused(await send(server, recoverPassword, { body }), 410, 'ONE_TIME_LINK_USED');
  await server.ticks.run('audit.chain');
  const entries = await server.database.db.selectFrom('audit_entry').select(['action']).execute();
  const actions = entries.map((entry) => entry.action);
  assert.ok(
    actions.includes('recovery-link.issued') && actions.includes('password.recovered'),
    actions.join(),
  );
});

test('a link ends after an hour, when a newer one is made, and is no invitation', async () => {
  const first = JSON.parse((await run(['--json', 'alice'], server.database.url)).out) as { link: string };
  const second = JSON.parse((await run(['--json', 'alice'], server.database.url)).out) as { link: string };
  const look = (link: string) => send(server, getRecovery, { body: { secret: secretOf(link) } });
  assertRefused(await look(first.link), 404, 'ONE_TIME_LINK_INVALID');
  assert.equal((await look(second.link)).statusCode, 200);
  const secret = secretOf(second.link);
  assertRefused(await send(server, getInvitation, { body: { secret } }), 404, 'ONE_TIME_LINK_INVALID');
  server.clock.advance(3_700_000);
  assertRefused(await look(second.link), 410, 'ONE_TIME_LINK_EXPIRED');
});

test('nobody is recovered who is not an active administrator', async () => {
  const outcome = await run(['--json', 'nobody'], server.database.url);
  assert.equal(outcome.code, 1);
  assert.equal(parseFailureJson(outcome.error)?.code, 'ADMINISTRATOR_NOT_RECOVERABLE');
});

test('without a running database it says so', async () => {
  const outcome = await run(['--json', 'alice'], undefined);
  assert.equal(outcome.code, 4, outcome.error);
  assert.equal(parseFailureJson(outcome.error)?.code, 'DATABASE_UNAVAILABLE');
});

test('an argument that it does not know is a mistake in the call', async () => {
  assert.equal((await run(['--for', 'me'], undefined)).code, 2);
});
