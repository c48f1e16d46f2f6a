import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '@holdfast/api';
import { sql } from 'kysely';
import { NEW_DEVICES_GROUP_ID } from '../modules/directory/index.ts';
import { createTestDatabase, type TestDatabase } from '../platform/database/test-database.ts';
import { type ReadyEvent, type ServerProcess, spawnServer } from '../testing/server-process.ts';

let folder: string;
let database: TestDatabase;
const started: ServerProcess[] = [];

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-main-'));
  // Under root the database runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  database = await createTestDatabase({ isEmpty: true });
});
afterEach(async () => {
  for (const server of started.splice(0)) {
    server.child.kill('SIGKILL');
    await server.exited;
  }
});
after(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

function start(name: string, variables: Readonly<Record<string, string>> = {}): ServerProcess {
  const server = spawnServer(path.join(folder, name), {
    HOLDFAST_PORT: '0',
    HOLDFAST_DATABASE_URL: database.url,
    ...variables,
  });
  started.push(server);
  return server;
}

function addressOf(ready: ReadyEvent): string {
  const [address] = ready.addresses;
  assert.ok(address !== undefined);
  return address;
}

async function until(description: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isTrue())) {
    assert.ok(performance.now() < deadline, description);
    await delay(50);
  }
}

test('the server starts on an empty machine, answers over HTTPS of its own authority, and stops on a signal', async () => {
  const server = start('first');
  const ready = await server.next('ready');
  assert.match(ready.setupLink ?? '', /^https:\/\/localhost:\d+\/setup#[\w-]{20,}$/);
  assert.equal((await server.fetch(addressOf(ready), '/readyz')).status, 200);
  const authority = JSON.parse((await server.fetch(addressOf(ready), '/mcp/v1/authority')).body) as {
    certificate: string;
  };
  assert.equal(
    authority.certificate.trim(),
    (await readFile(path.join(folder, 'first', 'keys', 'ca.crt'), 'utf8')).trim(),
  );
  server.ask({ request: 'local-enrolment-token' });
  assert.match((await server.next('local-enrolment-token')).tokenString, /^hf1\./);
  // The runtime's debugger is not to be had, and asking for it ends nothing.
  server.child.kill('SIGUSR1');
  assert.equal((await server.fetch(addressOf(ready), '/healthz')).status, 200);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  assert.doesNotMatch(server.output(), /debugger/i);
  const secret = new URL(ready.setupLink ?? '').hash.slice(1);
  const log = await readFile(path.join(folder, 'first', 'log', 'server.log'), 'utf8');
  assert.ok(!(log + server.output()).includes(secret));
  await assert.rejects(stat(path.join(folder, 'first', 'run', 'server.lock')), { code: 'ENOENT' });
});

test('a second start keeps keys and certificate', async () => {
  const server = start('first');
  const read = async (): Promise<string> =>
    (
      await Promise.all(
        ['master.key', 'ca.crt', 'server.crt'].map((name) =>
          readFile(path.join(folder, 'first', 'keys', name), 'utf8'),
        ),
      )
    ).join();
  const before = await read();
  await server.next('ready');
  assert.equal(await read(), before);
});

test('a home that is in use, a port that is taken and a wrong variable are told with what to do', async () => {
  const first = start('one');
  await first.next('ready');
  const second = await start('one').next('failed');
  assert.equal(second.code, 'HOME_IN_USE');

  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  // Before the database, which nobody reaches here: it would be waited for.
  const third = start('two', {
    HOLDFAST_PORT: String(port),
    HOLDFAST_UDP_PORT: 'off',
    HOLDFAST_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  });
  const taken = await third.next('failed');
  blocker.close();
  assert.equal(taken.code, 'PORT_IN_USE');
  assert.match(taken.message, new RegExp(`${port}.*process ${process.pid}`));
  assert.match(taken.remedy ?? '', /HOLDFAST_PORT=\d+/);
  assert.equal(await third.exited, 1);

  const wrong = await start('three', { HOLDFAST_PROT: '1' }).next('failed');
  assert.equal(wrong.code, 'CONFIGURATION_INVALID');
  assert.match(wrong.message, /HOLDFAST_PORT meant/);
});

test('a database that does not answer is waited for, and a signal ends the wait', async () => {
  const server = start('waiting', {
    HOLDFAST_DATABASE_URL: 'postgresql://nobody:secret-word@127.0.0.1:1/none',
  });
  const progress = await server.next('progress');
  assert.match(progress.text, /Waiting for the database/);
  server.child.kill('SIGINT');
  assert.equal(await server.exited, 0);
  assert.doesNotMatch(server.output(), /secret-word/);
});

test('the server stops when the process that started it is gone', async () => {
  const server = start('orphan');
  await server.next('ready');
  server.child.disconnect();
  assert.equal(await server.exited, 0);
});

test('a database that is killed comes back by itself, and meanwhile the server says so', async () => {
  const home = path.join(folder, 'embedded');
  const server = spawnServer(home, { HOLDFAST_PORT: '0' });
  started.push(server);
  const ready = await server.next('ready');
  const pidText = await readFile(path.join(home, 'database', 'postmaster.pid'), 'utf8');
  process.kill(Number(pidText.split('\n')[0]), 'SIGKILL');
  await until(
    'readiness did not turn to 503',
    async () => (await server.fetch(addressOf(ready), '/readyz')).status === 503,
  );
  assert.equal((await server.fetch(addressOf(ready), '/healthz')).status, 200);
  const answer = await server.fetch(addressOf(ready), '/api/v1/setup');
  assert.ok(
    answer.status === 200 || (JSON.parse(answer.body) as Problem).code === 'DATABASE_UNAVAILABLE',
    answer.body,
  );
  await until(
    'the database did not come back',
    async () => (await server.fetch(addressOf(ready), '/readyz')).status === 200,
  );
  assert.equal((await server.fetch(addressOf(ready), '/api/v1/setup')).status, 200);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  await assert.rejects(stat(path.join(home, 'database', 'postmaster.pid')), { code: 'ENOENT' });
});

test('keys that are gone while products are registered stop the start, and nothing new is made', async () => {
  await sql`
    with one as (
      insert into device (id, group_id, product_number, reported_name, platform, registered_at, name_key, search_text)
      values (gen_random_uuid(), ${NEW_DEVICES_GROUP_ID}, 7, 'pc', 'linux', now(), 'pc', 'pc') returning id
    )
    insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, capabilities, registered_at)
    select 7, id, 'agent', 'agent', '1', repeat('k', 43), '{}', '{}', now() from one`.execute(database.db);
  const failed = await start('without-keys').next('failed');
  assert.equal(failed.code, 'KEYS_MISSING');
  await assert.rejects(stat(path.join(folder, 'without-keys', 'keys', 'master.key')), { code: 'ENOENT' });
});
