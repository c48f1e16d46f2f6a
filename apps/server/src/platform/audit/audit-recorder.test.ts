import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import type { Actor } from '../access/actor.ts';
import { inTransaction } from '../database/index.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { toChainedEntry } from './audit.store.ts';
import { type ChainedEntry, findBrokenLink } from './audit-chain.ts';
import { createAuditRecorder } from './audit-recorder.ts';

let database: TestDatabase;
const record = createAuditRecorder({ clock: systemClock, createId: randomUUID });
const system: Actor = { kind: 'system', name: 'test' };

before(async () => {
  database = await createTestDatabase();
});
after(() => database.close());

async function readChain(): Promise<ChainedEntry[]> {
  const rows = await database.db.selectFrom('audit_entry').selectAll().orderBy('seq').execute();
  return rows.map(toChainedEntry);
}

test('entries written at the same time form one unbroken chain without gaps, also when some are taken back', async () => {
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      await inTransaction(database.db, async (transaction) => {
        await record(
          transaction,
          index % 2 === 0 ? system : { kind: 'product', productNumber: index, epoch: 1 },
          {
            action: 'device.moved',
            objectKind: 'device',
            objectId: String(index),
            objectName: `number ${index}`,
            details: { z: index, a: { nested: ['é', 1.5, null], absent: undefined } },
          },
          { id: `request-${index}`, remoteAddress: '::ffff:10.0.0.1', userAgent: 'test' },
        );
        if (index % 6 === 5) throw new Error('taken back');
      }).catch((error: Error) => assert.equal(error.message, 'taken back'));
    }),
  );
  const chain = await readChain();
  assert.equal(chain.length, 20);
  assert.deepEqual(
    chain.map((entry) => entry.sequence),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  assert.equal(findBrokenLink(chain), undefined);
});

test('a changed, a removed and a moved entry break the chain at their place', async () => {
  const chain = await readChain();
  const changed = chain.map((entry) =>
    entry.sequence === 7 ? { ...entry, content: { ...entry.content, objectName: 'somebody else' } } : entry,
  );
  assert.equal(findBrokenLink(changed), 7);
  assert.equal(findBrokenLink(chain.filter((entry) => entry.sequence !== 9)), 10);
  const moved = chain.map((entry) => ({ ...entry, sequence: entry.sequence + 1 }));
  assert.equal(findBrokenLink(moved), 2);
});

test('the database refuses to change or remove an entry', async () => {
  await assert.rejects(database.db.deleteFrom('audit_entry').execute(), /never changed or removed/);
});

test('names that no database stores are written readably, and a strange address is left out', async () => {
  await inTransaction(database.db, async (transaction) => {
    await record(
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
  const chain = await readChain();
  assert.equal(findBrokenLink(chain), undefined);
  const last = chain.at(-1)?.content;
  assert.equal(last?.remoteAddress, 'fe80::1');
  assert.match(last?.objectName ?? '', /^nul \uFFFD half \uFFFD long/);
  assert.deepEqual(last?.details, { 'key\uFFFD': 'value \uFFFD' });
});
