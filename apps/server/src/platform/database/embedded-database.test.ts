import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasCode } from '@holdfast/kernel';
import { listBinaries } from './binaries.ts';
import { createDatabase, type OpenDatabase } from './database.ts';
import { databaseFolder, type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.ts';
import { findNpmBinaries, linkNpmLibraries } from './npm-binaries.ts';
import { findProcess, listProcessesIn } from './process-identity.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const isRoot = process.getuid?.() === 0;

let parent: string;
before(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'holdfast-embedded-'));
  await chmod(parent, 0o755);
  const npm = await findNpmBinaries();
  if (npm !== undefined) await linkNpmLibraries(npm.packageFolder);
});
after(async () => {
  // Whatever a failed test left running in our own folders.
  for (const name of await readdir(parent)) {
    for (const pid of await listProcessesIn(databaseFolder(path.join(parent, name))))
      process.kill(pid, 'SIGKILL');
  }
  await rm(parent, { recursive: true, force: true, maxRetries: 5 });
});

function start(
  home: string,
  options: Partial<Parameters<typeof startEmbeddedDatabase>[0]> = {},
): Promise<EmbeddedDatabase> {
  return startEmbeddedDatabase({ home, log: silent, ...options });
}

async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await delay(20);
  }
}

async function countRows(database: OpenDatabase): Promise<number> {
  const client = await database.connectClient();
  try {
    const { rows } = await client.query<{ count: number }>('select count(*) as count from acknowledged');
    return rows[0]?.count ?? -1;
  } finally {
    await client.end();
  }
}

/** Names, sizes and contents of everything in a folder. */
async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).sort((a, b) =>
    path.join(a.parentPath, a.name).localeCompare(path.join(b.parentPath, b.name)),
  )) {
    const file = path.join(entry.parentPath, entry.name);
    hash.update(file);
    if (entry.isFile()) hash.update(await readFile(file));
  }
  return hash.digest('hex');
}

/** Runs the miniature server; resolves when it has printed `line`. */
async function spawnServer(
  home: string,
  count: number,
  line: string,
): Promise<{ child: ChildProcess; lines: string[] }> {
  const main = fileURLToPath(new URL('./embedded-database.test-process.ts', import.meta.url));
  const child = spawn(process.execPath, [main, home, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    lines.push(text);
    if (text === line) return { child, lines };
  }
  throw new Error(`the server ended before it printed "${line}"`);
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

for (const binaries of await listBinaries({ configuredFolder: process.env['HOLDFAST_POSTGRES_BIN'] })) {
  describe(`PostgreSQL ${binaries.version} (${binaries.origin})`, () => {
    let home: string;
    let running: EmbeddedDatabase;
    let database: OpenDatabase;
    before(async () => {
      home = path.join(parent, `${binaries.origin}-${binaries.major}`);
      running = await start(home, { binariesFolder: binaries.folder });
      database = createDatabase({ connection: running.connection });
    });
    after(async () => {
      await database.close();
      await running.stop();
    });

    test('the first start makes a durable cluster that listens on a private socket only', async () => {
      const client = await database.connectClient();
      const { rows } = await client.query(
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
           current_setting('full_page_writes') as pages, current_setting('listen_addresses') as addresses,
           current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
           (select rolsuper from pg_roles where rolname = current_user) as is_superuser, lower('ÄÖ') as folded`,
      );
      await client.end();
      assert.deepEqual(rows[0], {
        fsync: 'on',
        commit: 'on',
        pages: 'on',
        addresses: '',
        checksums: 'on',
        encoding: 'UTF8',
        is_superuser: false,
        folded: 'äö',
      });
      assert.equal((await stat(databaseFolder(home))).mode & 0o777, 0o700);
      assert.equal((await stat(path.join(home, 'keys', 'database.key'))).mode & 0o777, 0o600);
      assert.equal((await stat(home)).mode & 0o777, isRoot ? 0o711 : 0o700);
      assert.deepEqual(
        (await readdir(home)).filter((name) => name.includes('.new')),
        [],
      );
    });

    test('as root, PostgreSQL runs under another account', { skip: !isRoot && 'needs root' }, async () => {
      const status = await readFile(`/proc/${running.pid}/status`, 'utf8');
      assert.doesNotMatch(status, /^Uid:\s+0\s/m);
      assert.match(status, /^Groups:\s*$/m);
    });

    test('a signal of the terminal does not reach PostgreSQL, which leads a session of its own', async () => {
      const stat = await readFile(`/proc/${running.pid}/stat`, 'utf8');
      const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      assert.deepEqual([group, session], [String(running.pid), String(running.pid)]);
    });

    test('a wrong password is refused', async () => {
      const stranger = createDatabase({ connection: { ...running.connection, readPassword: () => 'guess' } });
      await assert.rejects(stranger.connectClient(), (error) => hasCode(error, 'DATABASE_SIGN_IN_REFUSED'));
      await stranger.close();
    });

    test('a second server on the same folder is refused and told which process holds it', async () => {
      await assert.rejects(start(home), (error: Error) => {
        assert.ok(hasCode(error, 'DATABASE_FOLDER_IN_USE'));
        assert.match(error.message, new RegExp(`\\b${process.pid}\\b`));
        return true;
      });
      assert.equal((await database.probe()).isReady, true);
    });

    test('after a clean stop the second start finds the same rows', async () => {
      const client = await database.connectClient();
      await client.query(
        'create table acknowledged (id integer primary key); insert into acknowledged values (1), (2)',
      );
      await client.end();
      await database.close();
      await running.stop();
      assert.equal(running.state, 'stopped');
      assert.deepEqual(await listProcessesIn(databaseFolder(home)), []);
      // Without being told which programs to use: the folder decides.
      running = await start(home);
      database = createDatabase({ connection: running.connection });
      assert.equal(running.origin, 'started');
      assert.equal(await countRows(database), 2);
    });

    test('a killed PostgreSQL comes back with every acknowledged row, and requests wait for it', async () => {
      const states: string[] = [];
      const unsubscribe = running.onChange((state) => states.push(state));
      const writer = await database.connectClient();
      await writer.query('delete from acknowledged');
      let acknowledged = 0;
      const writing = (async () => {
        for (;;) {
          await writer.query('insert into acknowledged (id) values ($1)', [acknowledged + 1]);
          acknowledged += 1;
        }
      })();
      await until(() => acknowledged >= 50, 'fifty rows are acknowledged');
      const { pid } = running;
      assert.ok(pid !== undefined);
      process.kill(pid, 'SIGKILL');
      await assert.rejects(writing);
      await until(() => states.at(-1) === 'up', 'the database is back');
      assert.deepEqual(states, ['down', 'up']);
      const found = await database.db.selectNoFrom((eb) => eb.val(1).as('one')).execute();
      assert.equal(found.length, 1);
      const rows = await countRows(database);
      // One more may be on disk whose answer did not arrive.
      assert.ok(
        rows === acknowledged || rows === acknowledged + 1,
        `${rows} rows, ${acknowledged} acknowledged`,
      );
      unsubscribe();
    });
  });
}

test('a killed server leaves its database running, and the next one adopts it with all its rows', async () => {
  const home = path.join(parent, 'orphan');
  const { child } = await spawnServer(home, 25, 'ready');
  await kill(child);
  const orphans = await listProcessesIn(databaseFolder(home));
  assert.notEqual(orphans.length, 0);
  const running = await start(home);
  const database = createDatabase({ connection: running.connection });
  try {
    assert.equal(running.origin, 'adopted');
    assert.equal(await countRows(database), 25);
    // An adopted one is supervised like any other.
    const states: string[] = [];
    running.onChange((state) => states.push(state));
    process.kill(Number(running.pid), 'SIGKILL');
    await until(() => states.at(-1) === 'up', 'the adopted database is back');
    assert.equal(await countRows(database), 25);
  } finally {
    await database.close();
    await running.stop();
  }
  assert.deepEqual(await listProcessesIn(databaseFolder(home)), []);
});

test('a start that is given up leaves nothing running, and one that has succeeded is not stopped by the signal', async () => {
  const home = path.join(parent, 'given-up');
  const abort = new AbortController();
  const starting = start(home, { signal: abort.signal });
  await until(async () => (await listProcessesIn(databaseFolder(home))).length > 0, 'PostgreSQL is starting');
  abort.abort();
  await assert.rejects(starting);
  assert.deepEqual(await listProcessesIn(databaseFolder(home)), []);
  const later = new AbortController();
  const running = await start(home, { signal: later.signal });
  later.abort();
  const database = createDatabase({ connection: running.connection });
  assert.equal(running.state, 'up');
  assert.equal((await database.probe()).isReady, true);
  await database.close();
  await running.stop();
});

test('a database that is killed while it starts is started again', async () => {
  const home = path.join(parent, 'killed-at-start');
  await (await start(home)).stop();
  const [binaries] = await listBinaries({});
  assert.ok(binaries !== undefined);
  // The same programs, of which the server process dies at its first start.
  const folder = path.join(parent, 'mortal');
  const mark = path.join(parent, 'has-died');
  await mkdir(folder, { mode: 0o755 });
  for (const name of await readdir(binaries.folder)) {
    if (name !== 'postgres') await symlink(path.join(binaries.folder, name), path.join(folder, name));
  }
  await chmod(parent, 0o777);
  await writeFile(
    path.join(folder, 'postgres'),
    `#!/bin/sh\nif [ "$1" = -D ] && [ ! -e ${mark} ]; then : >${mark}; kill -KILL $$; fi\nexec ${binaries.folder}/postgres "$@"\n`,
    { mode: 0o755 },
  );
  const running = await start(home, { binariesFolder: folder });
  await chmod(parent, 0o755);
  assert.equal(running.state, 'up');
  await stat(mark);
  await running.stop();
});

test('an orphan that takes another password is stopped and replaced', async () => {
  const home = path.join(parent, 'foreign-orphan');
  const { child } = await spawnServer(home, 3, 'ready');
  await kill(child);
  const key = path.join(home, 'keys', 'database.key');
  const right = await readFile(key, 'utf8');
  await writeFile(key, `${Buffer.alloc(32, 7).toString('base64url')}\n`);
  await assert.rejects(start(home), (error) => hasCode(error, 'DATABASE_SIGN_IN_REFUSED'));
  assert.deepEqual(await listProcessesIn(databaseFolder(home)), []);
  await writeFile(key, right);
  const running = await start(home);
  await running.stop();
  await rm(key);
  await assert.rejects(start(home), (error) => hasCode(error, 'DATABASE_KEY_MISSING'));
});

test('a server that is killed while it makes the database leaves nothing half made', async () => {
  const home = path.join(parent, 'half-made');
  const main = fileURLToPath(new URL('./embedded-database.test-process.ts', import.meta.url));
  const child = spawn(process.execPath, [main, home, '1'], { stdio: 'ignore' });
  const isBeingMade = async (): Promise<boolean> =>
    (await readdir(home).catch(() => [])).some((name) => name.startsWith('database.new-'));
  await until(isBeingMade, 'the database is being made');
  await kill(child);
  assert.equal(await stat(databaseFolder(home)).catch(() => undefined), undefined);
  const running = await start(home);
  await running.stop();
  await until(async () => {
    // The killed server's initdb may have gone on for a moment; a later start clears up after it.
    if (await isBeingMade()) await (await start(home)).stop();
    return !(await isBeingMade());
  }, 'the remains are gone');
});

describe('a folder made by another version', () => {
  for (const [version, code] of [
    ['99', 'DATABASE_VERSION_NEWER'],
    ['9', 'DATABASE_VERSION_MISMATCH'],
  ] as const) {
    test(`${version} is refused with ${code} and left as it is`, async () => {
      const home = path.join(parent, `version-${version}`);
      await mkdir(databaseFolder(home), { recursive: true });
      await writeFile(path.join(databaseFolder(home), 'PG_VERSION'), `${version}\n`);
      await writeFile(path.join(databaseFolder(home), 'base'), 'rows');
      const before = await fingerprint(databaseFolder(home));
      await assert.rejects(start(home), (error: Error) => {
        assert.ok(hasCode(error, code), error.message);
        assert.match(error.message, new RegExp(`PostgreSQL ${version};`));
        return true;
      });
      assert.equal(await fingerprint(databaseFolder(home)), before);
    });
  }

  test('without a version is refused as damaged and left as it is', async () => {
    const home = path.join(parent, 'no-version');
    await mkdir(databaseFolder(home), { recursive: true });
    await writeFile(path.join(databaseFolder(home), 'something'), 'else');
    await assert.rejects(start(home), (error) => hasCode(error, 'DATABASE_FOLDER_DAMAGED'));
    assert.deepEqual(await readdir(databaseFolder(home)), ['something']);
  });
});

test('a lock file of a dead process whose number lives again does not keep a server out', async () => {
  const home = path.join(parent, 'stale-lock');
  await mkdir(path.join(home, 'run'), { recursive: true });
  const self = await findProcess(process.pid);
  await writeFile(path.join(home, 'run', 'database.lock'), JSON.stringify({ ...self, startTicks: '1' }));
  const running = await start(home);
  const stale = path.join(databaseFolder(home), 'postmaster.pid');
  await running.stop();
  // The same for PostgreSQL's own file: the number is that of this very test.
  await writeFile(
    stale,
    `${process.pid}\n${databaseFolder(home)}\n1\n5432\n${databaseFolder(home)}\n\n  1 1\nready   \n`,
  );
  const again = await start(home);
  assert.equal(again.origin, 'started');
  await again.stop();
});

test('a path that is too long for a socket falls back to a private folder', async () => {
  const home = path.join(parent, 'long-'.padEnd(110, 'x'));
  const running = await start(home);
  const folder = running.connection.host;
  assert.ok(!folder.startsWith(parent));
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const database = createDatabase({ connection: running.connection });
  assert.equal((await database.probe()).isReady, true);
  await database.close();
  await running.stop();
  assert.equal(await stat(folder).catch(() => undefined), undefined);
});
