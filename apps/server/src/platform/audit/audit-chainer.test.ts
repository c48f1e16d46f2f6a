import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, beforeEach, afterEach, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createTestTicks } from '../ticks/test-ticks.ts';
import type { Actor } from '../access/actor.ts';
import { inTransaction, type Transaction } from '../database/index.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { toChainedEntry } from './audit.store.ts';
import { AuditChainer } from './audit-chainer.service.ts';
import { type ChainedEntry, findBrokenLink } from './audit-chain.ts';
import { type HeadMemory, openHeadFile } from './audit-head-file.ts';
import { createAuditRecorder } from './audit-recorder.ts';

const system: Actor = { kind: 'system', name: 'test' };
const parts = { clock: systemClock, createId: randomUUID };
const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-audit-'));
after(() => rm(folder, { recursive: true, force: true }));

let database: TestDatabase;
let chainer: AuditChainer;
beforeEach(async () => {
  database = await createTestDatabase();
  chainer = createChainer();
});
afterEach(() => database.close());

function createChainer(headMemory?: HeadMemory): AuditChainer {
  const log = pino({ level: 'silent' });
  return new AuditChainer({ ...parts, database: database.db, log, headMemory });
}

async function record(transaction: Transaction, name: string, by = chainer.record): Promise<void> {
  await by(
    transaction,
    system,
    {
      action: 'device.moved',
      objectKind: 'device',
      objectId: name,
      objectName: `number ${name}`,
      details: { z: name, a: { nested: ['é', 1.5, null], absent: undefined } },
    },
    { id: `request-${name}`, remoteAddress: '::ffff:10.0.0.1', userAgent: 'test' },
  );
}

async function recordAlone(...names: string[]): Promise<void> {
  for (const name of names) await inTransaction(database.db, (transaction) => record(transaction, name));
}

async function readChain(): Promise<ChainedEntry[]> {
  const rows = await database.db.selectFrom('audit_entry').selectAll().orderBy('seq').execute();
  return rows.map(toChainedEntry);
}

const namesOf = (chain: readonly ChainedEntry[]) => chain.map(({ content }) => content.objectId);

/** As somebody would who may write to the database. */
async function tamper(...statements: string[]): Promise<void> {
  const triggers = (what: string) => [
    `alter table audit_entry ${what} trigger user`,
    `alter table audit_unchained ${what} trigger user`,
  ];
  for (const statement of [...triggers('disable'), ...statements, ...triggers('enable')])
    await sql.raw(statement).execute(database.db);
}

/** What the log says of itself, after a turn that finds something and one that chains what it found. */
async function readAlarms(by = chainer): Promise<unknown[]> {
  const ticks = createTestTicks();
  await by.start(ticks);
  await ticks.run('audit.chain');
  await by.chain();
  return (await readChain()).flatMap(({ content }) =>
    content.action === 'audit-log.changed' ? [content.details] : [],
  );
}

test('entries written at the same time form one unbroken chain without gaps, also when some are taken back', async () => {
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      await inTransaction(database.db, async (transaction) => {
        await record(transaction, String(index));
        if (index % 6 === 5) throw new Error('taken back');
      }).catch((error: Error) => assert.equal(error.message, 'taken back'));
    }),
  );
  await chainer.chain();
  const chain = await readChain();
  assert.deepEqual(
    chain.map((entry) => entry.sequence),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  assert.equal(findBrokenLink(chain), undefined);
});

test('a transaction that has recorded keeps no other one waiting, and gets its place when it is committed', async () => {
  const isOpen = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const slow = inTransaction(database.db, async (transaction) => {
    await record(transaction, 'slow');
    isOpen.resolve();
    await mayEnd.promise;
  });
  await isOpen.promise;
  await recordAlone('first', 'second');
  await chainer.chain();
  assert.deepEqual(namesOf(await readChain()), ['first', 'second']);
  mayEnd.resolve();
  await slow;
  await chainer.chain();
  const chain = await readChain();
  assert.deepEqual(namesOf(chain), ['first', 'second', 'slow']);
  assert.equal(findBrokenLink(chain), undefined);
});

test('entries of one transaction keep their order, however many there are', async () => {
  const names = Array.from({ length: 2_300 }, (_, index) => String(index));
  await inTransaction(database.db, async (transaction) => {
    await chainer.record(
      transaction,
      system,
      names.map((name) => ({
        action: 'device.moved',
        objectKind: 'device',
        objectId: name,
        objectName: name,
      })),
    );
  });
  await chainer.chain();
  const chain = await readChain();
  assert.deepEqual(namesOf(chain), names);
  assert.equal(findBrokenLink(chain), undefined);
});

test('the chain of an earlier release goes on, and what it appends meanwhile stands in it', async () => {
  const asBefore = createAuditRecorder(parts);
  const append = async (name: string) =>
    await inTransaction(database.db, (transaction) => record(transaction, name, asBefore));
  await append('before');
  await recordAlone('now');
  await chainer.chain();
  await append('beside');
  await recordAlone('later');
  await chainer.chain();
  const chain = await readChain();
  assert.deepEqual(namesOf(chain), ['before', 'now', 'beside', 'later']);
  assert.equal(findBrokenLink(chain), undefined);
  assert.deepEqual(await readAlarms(), []);
});

test('two servers on one database give every entry one place', async () => {
  const other = createChainer();
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      ...['a', 'b', 'c'].map((name) =>
        inTransaction(database.db, (transaction) => record(transaction, `${name}${round}`)),
      ),
      ...['d', 'e'].map((name) =>
        inTransaction(database.db, (transaction) => record(transaction, `${name}${round}`, other.record)),
      ),
      chainer.chain(),
      other.chain(),
    ]);
  }
  assert.deepEqual([await readAlarms(), await readAlarms(other)], [[], []]);
  const chain = await readChain();
  assert.equal(new Set(namesOf(chain)).size, 50);
  assert.equal(chain.length, 50);
  assert.equal(findBrokenLink(chain), undefined);
});

test('a commit asks for a turn, and a server without changes asks its database nothing', async () => {
  const ticks = createTestTicks();
  await chainer.start(ticks);
  await ticks.run('audit.chain');
  assert.deepEqual(ticks.woken, []);
  await recordAlone('one', 'two');
  assert.deepEqual(ticks.woken, ['audit.chain']);
  await ticks.run('audit.chain');
  assert.deepEqual(namesOf(await readChain()), ['one', 'two']);
  // The turn after one that found something comes by itself.
  await recordAlone('three');
  assert.deepEqual(ticks.woken, ['audit.chain']);
  await ticks.run('audit.chain');
  await ticks.run('audit.chain');
  await recordAlone('four');
  assert.deepEqual(ticks.woken, ['audit.chain', 'audit.chain']);
});

test('a changed, a removed and a moved entry break the chain at their place', async () => {
  await recordAlone(...'abcdefghijkl');
  await chainer.chain();
  const chain = await readChain();
  const changed = chain.map((entry) =>
    entry.sequence === 7 ? { ...entry, content: { ...entry.content, objectName: 'somebody else' } } : entry,
  );
  assert.equal(findBrokenLink(changed), 7);
  assert.equal(findBrokenLink(chain.filter((entry) => entry.sequence !== 9)), 10);
  const swapped = chain.map((entry) => {
    const other = { 4: 5, 5: 4 }[entry.sequence];
    return other === undefined ? entry : { ...entry, content: chain[other - 1]?.content ?? entry.content };
  });
  assert.equal(findBrokenLink(swapped), 4);
  const moved = chain.map((entry) => ({ ...entry, sequence: entry.sequence + 1 }));
  assert.equal(findBrokenLink(moved), 2);
});

test('an entry that is taken away before it has its place is missed, with what it said', async () => {
  await recordAlone('kept', 'gone');
  await tamper(`delete from audit_unchained where object_id = 'gone'`);
  assert.deepEqual(await readAlarms(), [
    { missing: 1, missingEntries: ['device.moved number gone by test'] },
  ]);
  assert.equal(findBrokenLink(await readChain()), undefined);
  assert.deepEqual((await readAlarms()).length, 1, 'once');
});

test('an entry that is changed before it has its place is found, also with a hash that fits', async () => {
  await recordAlone('other');
  await tamper(`update audit_unchained set content_hash = sha256('anything')`);
  const [alarm] = await readAlarms();
  assert.deepEqual(alarm, { changed: 1, changedEntries: ['device.moved number other by test'] });
});

test('an end that is cut off is missed, by a server that starts anew too', async () => {
  const memory = openHeadFile(path.join(folder, 'head'));
  chainer = createChainer(memory);
  await recordAlone('a', 'b', 'c');
  assert.deepEqual(await readAlarms(), []);
  await tamper('delete from audit_entry where seq = 3');
  assert.deepEqual(await readAlarms(createChainer(memory)), [{ lostSequence: 3 }]);
  const chain = await readChain();
  assert.equal(findBrokenLink(chain), undefined);
  assert.deepEqual((await readAlarms(createChainer(memory))).length, 1, 'once');
});

test('a log that is written anew as a whole is found, though its chain is whole', async () => {
  const memory = openHeadFile(path.join(folder, 'anew'));
  chainer = createChainer(memory);
  await recordAlone('true', 'last');
  assert.deepEqual(await readAlarms(), []);
  await tamper('delete from audit_entry');
  const forge = createAuditRecorder(parts);
  for (const name of ['false', 'last'])
    await inTransaction(database.db, (transaction) => record(transaction, name, forge));
  assert.equal(findBrokenLink(await readChain()), undefined);
  assert.deepEqual(await readAlarms(createChainer(memory)), [{ lostSequence: 2 }]);
});

test('the database refuses to change or remove an entry, before and after it has its place', async () => {
  const refuse = async (statement: string) =>
    await assert.rejects(sql.raw(statement).execute(database.db), /never (changed or )?removed/, statement);
  await recordAlone('one');
  await refuse(`update audit_unchained set actor_name = 'somebody'`);
  await refuse('delete from audit_unchained');
  await refuse('truncate audit_unchained');
  await chainer.chain();
  await refuse('delete from audit_entry');
  assert.deepEqual(namesOf(await readChain()), ['one']);
});

test('names that no database stores are written readably, and a strange address is left out', async () => {
  await inTransaction(database.db, async (transaction) => {
    await chainer.record(
      transaction,
      system,
      {
        action: 'device.renamed',
        objectKind: 'device',
        objectId: 'x',
        objectName: `nul \0 half \ud800 ${'long'.repeat(300)}`,
        details: { 'key\0': 'value \udc00' },
      },
      { id: 'r', remoteAddress: 'fe80::1%eth0', userAgent: '' },
    );
  });
  await chainer.chain();
  const chain = await readChain();
  assert.equal(findBrokenLink(chain), undefined);
  const last = chain.at(-1)?.content;
  assert.equal(last?.remoteAddress, 'fe80::1');
  assert.match(last?.objectName ?? '', /^nul \uFFFD half \uFFFD long/);
  assert.deepEqual(last?.details, { 'key\uFFFD': 'value \uFFFD' });
});
