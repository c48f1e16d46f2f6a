/** A database that goes back in time under products that do not: what an old backup does to the records of products. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueCommand, listLogEntries } from '@holdfast/api';
import { sql } from 'kysely';
import { callApi } from '../testing/test-api.ts';
import { readSequences } from '../testing/test-logs.ts';
import { createTestToken } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { UnreliableProduct } from '../testing/unreliable-product.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const tables = ['command_target', 'log_entry', 'log_journal', 'product_instance'] as const;

/** Writes down what a backup would hold of the tables that change while products talk. */
async function backUp(): Promise<void> {
  for (const table of tables) {
    await sql`create table ${sql.table(`old_${table}`)} as select * from ${sql.table(table)}`.execute(
      server.database.db,
    );
  }
  await sql`create table old_epoch as select number, epoch from managed_product`.execute(server.database.db);
}

async function restore(): Promise<void> {
  for (const table of tables) {
    await sql`delete from ${sql.table(table)}`.execute(server.database.db);
    await sql`insert into ${sql.table(table)} select * from ${sql.table(`old_${table}`)}`.execute(
      server.database.db,
    );
  }
  await sql`update managed_product p set epoch = o.epoch from old_epoch o where o.number = p.number`.execute(
    server.database.db,
  );
}

test('after an old backup products come back by themselves: no epoch twice, no command twice, no entry twice', async () => {
  const product = new UnreliableProduct(server, { hardwareId: 'hw-restored' });
  await product.join(await createTestToken(server));
  const found = await server.app.modules.directory.findProduct(product.number);
  const order = { type: 'collect-inventory', targets: { deviceIds: [found?.deviceId ?? ''] } };
  const { id } = await callApi(server, issueCommand, { body: order });
  for (let count = 0; count < 3; count += 1) product.log();
  await product.sendLogs('arrives', 3);
  await backUp();

  // What happens after the backup: the command is done, more entries are acknowledged, the product shakes hands and restarts.
  await product.claim('arrives');
  await product.sendReports('arrives');
  for (let count = 0; count < 2; count += 1) product.log();
  await product.sendLogs('arrives', 2);
  product.restart();
  for (let round = 0; round < 3; round += 1) await product.shakeHands();
  product.log();
  await restore();
  server.clock.advance(1_000);

  assert.equal((await product.shakeHands()).statusCode, 200);
  await product.claim('arrives');
  await product.sendReports('arrives');
  await product.sendLogs('arrives', 10);
  product.log();
  await product.sendLogs('repeated', 10);
  assert.deepEqual(
    product.epochs,
    [...new Set(product.epochs)].toSorted((a, b) => a - b),
  );
  assert.equal(product.effects.get(id), 1, 'the command that came again was not carried out again');
  const { rows } = await sql<{ state: string }>`
    select state from command_target where command_id = ${id}`.execute(server.database.db);
  assert.deepEqual(rows, [{ state: 'succeeded' }], 'and its outcome is known again');
  // Entries 4 and 5 were acknowledged after the backup, so the product has forgotten them: they are gone, and nothing is twice.
  assert.deepEqual(await readSequences(server, product.number, product.journal), [1, 2, 3, 6, 7]);
  const { entries } = await callApi(server, listLogEntries, { query: { type: 'log-entries-lost' } });
  assert.deepEqual(
    entries.map(({ source, productNumber, severity, facts }) => ({ source, productNumber, severity, facts })),
    [
      {
        source: 'server',
        productNumber: product.number,
        severity: 'warning',
        facts: { journal: product.journal, firstSequence: 4, lastSequence: 5 },
      },
    ],
    'and the server says which are missing, once',
  );
});
