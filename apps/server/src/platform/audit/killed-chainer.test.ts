import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { createTestDatabase } from '../database/test-database.ts';
import { toChainedEntry } from './audit.store.ts';
import { AuditChainer } from './audit-chainer.service.ts';
import { findBrokenLink } from './audit-chain.ts';

const PROGRAM = fileURLToPath(new URL('killed-chainer.test-process.ts', import.meta.url));
/** Past those of one change and one turn. */
const STATEMENTS = 11;

test('a server that is killed at any step leaves every change that it answered with one entry in an unbroken chain', async () => {
  await using database = await createTestDatabase();
  const answered: string[] = [];
  for (let statement = 1; statement <= STATEMENTS; statement += 1) {
    const child = spawn(process.execPath, [PROGRAM, database.url, String(statement)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    answered.push(...(await text(child.stdout)).split('\n').filter((line) => line !== ''));
  }
  assert.ok(answered.length > STATEMENTS / 2, `${answered.length}`);
  // The next start.
  const log = pino({ level: 'silent' });
  const next = new AuditChainer({ database: database.db, clock: systemClock, createId: randomUUID, log });
  await next.chain();
  const rows = await database.db.selectFrom('audit_entry').selectAll().orderBy('seq').execute();
  assert.equal(findBrokenLink(rows.map(toChainedEntry)), undefined);
  const names = rows.map((row) => row.object_id);
  assert.equal(new Set(names).size, names.length, 'nothing twice');
  assert.deepEqual(
    answered.filter((name) => !names.includes(name)),
    [],
  );
});
