import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { parseMigrationFile, readMigrationFiles } from './migration-file.ts';
import { planMigrations } from './migration-plan.ts';

const files = ['0001_a.sql', '0002_b.sql', '0003_c.sql'].map((name) =>
  parseMigrationFile(name, `-- ${name}\nselect 1;`),
);
const [a, b, c] = files as [(typeof files)[0], (typeof files)[0], (typeof files)[0]];

test('what is not applied yet is pending, in order', () => {
  assert.deepEqual(planMigrations(files, []), files);
  assert.deepEqual(planMigrations(files, [a]), [b, c]);
  assert.deepEqual(planMigrations(files, files), []);
});

test('a new file below an applied one is refused', () => {
  assert.throws(
    () => planMigrations(files, [a, c]),
    (error) => hasCode(error, 'MIGRATION_OUT_OF_ORDER'),
  );
});

test('an applied file that is gone is refused as changed', () => {
  assert.throws(
    () => planMigrations([a, c], [a, b]),
    (error) => hasCode(error, 'MIGRATION_CHANGED'),
  );
});

test('a database beyond the newest file is refused before anything else is looked at', () => {
  assert.throws(
    () => planMigrations([a], [{ ...a, checksum: 'other' }, b]),
    (error) => hasCode(error, 'DATABASE_NEWER_THAN_SERVER'),
  );
});

for (const name of ['1_a.sql', '0001-a.sql', '0001_A.sql', '0001_.sql', '00001_a.sql', 'a.sql']) {
  test(`the file name ${name} is refused`, () => {
    assert.throws(
      () => parseMigrationFile(name, ''),
      (error) => hasCode(error, 'MIGRATION_INVALID'),
    );
  });
}

test('only the first line can take a file out of its transaction', () => {
  assert.equal(parseMigrationFile('0001_a.sql', '-- no transaction\nselect 1;').isTransactional, false);
  assert.equal(parseMigrationFile('0001_a.sql', 'select 1;\n-- no transaction\n').isTransactional, true);
});

test('the migrations of this server have numbers of their own', async () => {
  const numbers = (await readMigrationFiles()).map((file) => file.number);
  assert.equal(new Set(numbers).size, numbers.length);
});
