import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createDatabase } from './database.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';
import { runProgram } from './program.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Large enough for a cluster, small enough to be filled in a moment. */
const DISK_BYTES = 160 * 1024 * 1024;

async function fillDisk(file: string): Promise<void> {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(1 << 20);
  try {
    for (;;) await handle.write(block);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    await handle.close();
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await delay(20);
  }
}

test('a database that died of a full disk comes back with every acknowledged row when there is space again', async (context) => {
  const disk = await mkdtemp(path.join(os.tmpdir(), 'holdfast-disk-'));
  const mounted = await runProgram('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${DISK_BYTES},mode=755`,
    'tmpfs',
    disk,
  ]);
  if (mounted.exitCode !== 0) {
    await rm(disk, { recursive: true });
    return context.skip('needs the right to mount a small file system');
  }
  const home = path.join(disk, 'home');
  await mkdir(home);
  const running = await startEmbeddedDatabase({ home, log: silent });
  const database = createDatabase({ connection: running.connection, maxWaitMs: 200 });
  try {
    const states: string[] = [];
    running.onChange((state) => states.push(state));
    await sql`create table acknowledged (id integer primary key)`.execute(database.db);
    const filler = path.join(disk, 'filler');
    await fillDisk(filler);

    let acknowledged = 0;
    const codes = new Set<string>();
    // The log grows until there is no room for its next file, which PostgreSQL does not survive.
    while (!states.includes('down')) {
      try {
        await sql`with noise as (select pg_logical_emit_message(true, 'noise', repeat(md5(random()::text), 30000)))
          insert into acknowledged select ${acknowledged + 1} from noise`.execute(database.db);
        acknowledged += 1;
      } catch (error) {
        codes.add((error as { code: string }).code);
      }
    }
    // Which process of PostgreSQL meets the end first decides whether the statement hears of it.
    for (const code of codes) assert.match(code, /^DATABASE_(DISK_FULL|UNAVAILABLE)$/);
    await assert.rejects(sql`select 1`.execute(database.db), (error) =>
      hasCode(error, 'DATABASE_UNAVAILABLE'),
    );

    await rm(filler);
    await until(() => running.state === 'up', 'the database is back');
    const { rows } = await sql<{ count: number }>`select count(*) as count from acknowledged`.execute(
      database.db,
    );
    const count = rows[0]?.count ?? -1;
    // The last one may have reached the disk although its answer was the error.
    assert.ok(
      count === acknowledged || count === acknowledged + 1,
      `${count} rows, ${acknowledged} acknowledged`,
    );
  } finally {
    await database.close();
    await running.stop();
    await runProgram('umount', [disk]);
    await rm(disk, { recursive: true, force: true });
  }
});
