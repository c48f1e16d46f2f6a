import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { quickStart } from '@holdfast/testkit';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../platform/database/test-database.ts';
import { untilTrue } from '../platform/database/test-barrier.ts';
import { type ServerProcess, spawnServer } from '../testing/server-process.ts';

// Two server processes, each with a home of its own, and one database.

let folder: string;
let database: TestDatabase;
const started: ServerProcess[] = [];

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-second-'));
  database = await createTestDatabase();
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

function start(name: string): ServerProcess {
  const server = spawnServer(path.join(folder, name), {
    HOLDFAST_PORT: '0',
    HOLDFAST_UDP_PORT: 'off',
    HOLDFAST_DATABASE_URL: database.url,
  });
  started.push(server);
  return server;
}

const ofLock = sql`datname = current_database() and application_name like 'holdfast-lock %@%'`;

async function cutLock(): Promise<void> {
  const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity where ${ofLock}
    and application_name not like '% 13@%'`.execute(database.db);
  assert.equal(rows.length, 1);
}

async function readStatus(server: ServerProcess, target: string): Promise<number> {
  const { addresses } = await server.next('ready');
  return (await server.fetch(addresses[0] ?? '', target)).status;
}

test('a second server is refused, the first goes on, and a killed one is followed at once', async () => {
  const first = start('first');
  await first.next('ready');
  const second = start('second');
  const refused = await second.next('failed');
  assert.equal(refused.code, 'DATABASE_IN_USE');
  assert.match(refused.message, new RegExp(`process ${first.child.pid} on .+, since \\d{4}-`));
  assert.match(refused.remedy ?? '', /stop it first/);
  assert.equal(await second.exited, 1);
  assert.equal(await readStatus(first, '/readyz'), 200);

  const backup = path.join(folder, 'beside.hfbackup');
  assert.equal(await runProgram('backup.main.ts', path.join(folder, 'first'), backup), 0);
  assert.ok((await stat(backup)).size > 0);

  first.child.kill('SIGKILL');
  await first.exited;
  assert.equal(await readStatus(start('second'), '/readyz'), 200);
});

test('a server whose lock broke takes it again and works on', async () => {
  const server = start('broken');
  await server.next('ready');
  await cutLock();
  await untilTrue(
    database,
    `select 1 from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and a.datname = current_database() and a.application_name like 'holdfast-lock %'`,
    'the lock that is held again',
  );
  assert.equal(await readStatus(server, '/api/v1/setup'), 200);
  assert.match(server.output(), /broke; it is taken again/);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

test('a server ends when another one has its database, and says so', async () => {
  const server = start('late');
  await server.next('ready');
  const thief = await database.opened.connectClient();
  await thief.query(`set application_name = 'holdfast-lock 0badcafe 13@other.example'`);
  const stolen = thief.query('select pg_advisory_lock(4801202640)');
  await untilTrue(
    database,
    `select 1 from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and not l.granted and a.datname = current_database()`,
    'another server that waits for the lock',
  );
  await cutLock();
  await stolen;
  const ended = await server.next('failed');
  assert.equal(ended.code, 'DATABASE_TAKEN');
  assert.match(ended.message, /process 13 on other\.example/);
  assert.equal(await server.exited, 1);
  assert.match(server.output(), /another Holdfast server has taken the database/);
  await thief.end();
});

async function runProgram(program: string, home: string, ...args: string[]): Promise<number | null> {
  const main = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      ...quickStart(),
      PATH: process.env['PATH'],
      HOLDFAST_HOME: home,
      HOLDFAST_DATABASE_URL: database.url,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
