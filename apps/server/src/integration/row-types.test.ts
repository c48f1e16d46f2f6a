import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../platform/database/test-database.ts';
import { checkRowTypes } from '../testing/row-types/row-types.ts';

const root = new URL('../', import.meta.url);

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await createTestDatabase();
  client = await database.opened.connectClient();
});
after(async () => {
  await client.end();
  await database.close();
});

const isProduct = (path: string): boolean => !/(^|\/)(testing\/|test-)|\.(test|testing)[.-]/.test(path);

test('PostgreSQL takes every statement and gives the columns that its row type says', async () => {
  const { count, faults } = await checkRowTypes(client, {
    root,
    isMeant: isProduct,
    // A place in an order has as many keys as that order has columns. One that is made up may have another number.
    tolerated: ['unequal number of entries in row expressions'],
  });
  assert.deepEqual(faults, []);
  assert.ok(count > 250, `Only ${count} were found.`);
});

test('names, types and statements that do not agree are found, each at its place', async () => {
  const planted = 'testing/row-types/planted.fixture.ts';
  const { count, faults } = await checkRowTypes(client, { root, isMeant: (path) => path === planted });
  assert.equal(count, 10);
  assert.deepEqual(
    faults.map((fault) => fault.replace(/^.*\.fixture\.ts:/, '')),
    [
      '21: the statement gives no "changedAt"',
      '21: the row type has no "changed_at"',
      '25: "key" is string, and not number',
      '25: "changedAt" is Date, and not string',
      '25: "names" is string[], and not number[]',
      '25: "value" is JSON, and not Date',
      '30: the statement gives "key" more than once',
      '36: "next" is number, and not string',
      '42: PostgreSQL refuses it: column "no_such_column" of relation "setting" does not exist: update setting set no_such_column = 1 where key = $1',
      '47: "two" is number, and not string',
      '51: no call of a store executes it',
    ],
  );
});
