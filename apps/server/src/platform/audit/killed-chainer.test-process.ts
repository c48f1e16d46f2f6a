/** A server in miniature for tests that kill it: records and chains, and dies by its own hand before the statement that it was told. */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { systemClock } from '@holdfast/kernel';
import type { KyselyPlugin } from 'kysely';
import { pino } from 'pino';
import { createDatabase, inTransaction, parseDatabaseUrl } from '../database/index.ts';
import { AuditChainer } from './audit-chainer.service.ts';

const [url = '', deadlyStatement = ''] = process.argv.slice(2);
const database = createDatabase({ connection: parseDatabaseUrl(url) });
let statements = 0;
const deadly: KyselyPlugin = {
  transformQuery({ node }) {
    statements += 1;
    if (statements === Number(deadlyStatement)) process.kill(process.pid, 'SIGKILL');
    return node;
  },
  transformResult: async ({ result }) => result,
};
const db = database.db.withPlugin(deadly);
const log = pino({ level: 'silent' });
const chainer = new AuditChainer({ database: db, clock: systemClock, createId: randomUUID, log });
for (;;) {
  const name = randomUUID();
  await inTransaction(db, async (transaction) => {
    await chainer.record(
      transaction,
      { kind: 'system', name: 'test' },
      { action: 'device.moved', objectKind: 'device', objectId: name, objectName: name },
    );
  });
  // Told to whoever asked for the change.
  writeSync(1, `${name}\n`);
  await chainer.chain();
}
