import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { compareReleases, hasCode } from '@holdfast/kernel';
import { DatabaseError } from './database.errors.ts';
import { parseMigrationFile, readMigrationFiles } from './migration-file.ts';
import { planMigrations } from './migration-plan.ts';

const files = ['0001_a.sql', '0002_b.sql', '0003_c.sql'].map((name) =>
  parseMigrationFile(name, `-- ${name}\nselect 1;`),
);
const [a, b, c] = files as [(typeof files)[0], (typeof files)[0], (typeof files)[0]];

test('what is not applied yet is pending, in order', () => {
  assert.deepEqual(planMigrations(files, []), { pending: files, newer: [] });
  assert.deepEqual(planMigrations(files, [a]).pending, [b, c]);
  assert.deepEqual(planMigrations(files, files).pending, []);
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

/** What a later release has applied, beyond what this one knows. */
function later(number: number, serves: string | null) {
  return { number, name: `000${number}_later.sql`, checksum: '', serves };
}

test('a release works on a newer database as long as every later migration lets it', () => {
  const served = [...files, later(4, '0.2.0'), later(5, '0.1.0')];
  for (const release of ['0.2.0', '0.2.1', '0.10.0'])
    assert.deepEqual(planMigrations(files, served, release), {
      pending: [],
      newer: ['0004_later.sql', '0005_later.sql'],
    });
  // By their numbers and not by their letters, and what comes before a release is not that release.
  for (const release of ['0.1.9', '0.2.0-rc.1'])
    assert.throws(
      () => planMigrations(files, served, release),
      (error) => {
        assert.ok(error instanceof DatabaseError);
        assert.equal(error.code, 'DATABASE_NEWER_THAN_SERVER');
        assert.match(error.message, new RegExp(`Holdfast ${release},`));
        assert.match(error.remedy ?? '', /Holdfast 0\.2\.0 or newer/);
        assert.equal(error.facts['neededRelease'], '0.2.0');
        return true;
      },
    );
});

test('where the database does not say whom a later migration lets work, nobody is let', () => {
  for (const serves of [null, 'anything', '', '0.1'])
    assert.throws(
      () => planMigrations(files, [...files, later(4, '0.1.0'), later(5, serves)], '9.0.0'),
      (error) => hasCode(error, 'DATABASE_NEWER_THAN_SERVER'),
    );
});

test('a newer database with an edited or a missing migration below is refused all the same', () => {
  const newer = later(4, '0.1.0');
  assert.throws(
    () => planMigrations(files, [a, b, { ...c, checksum: 'other' }, newer], '0.1.0'),
    (error) => hasCode(error, 'MIGRATION_CHANGED'),
  );
  assert.throws(
    () => planMigrations(files, [a, b, newer], '0.1.0'),
    (error) => hasCode(error, 'MIGRATION_OUT_OF_ORDER'),
  );
});

test('the head of a migration says which release it still lets work', () => {
  assert.equal(parseMigrationFile('0016_a.sql', '-- serves: 0.1.0\nselect 1;').serves, '0.1.0');
  const outside = parseMigrationFile('0016_a.sql', '-- no transaction\n-- serves: 1.12.0-rc.1\nselect 1;');
  assert.deepEqual([outside.isTransactional, outside.serves], [false, '1.12.0-rc.1']);
  assert.equal(parseMigrationFile('0015_a.sql', '-- What it is for.\nselect 1;').serves, null);
});

for (const head of [
  '',
  '-- What it is for.',
  '-- serves: ',
  '-- serves: 0.1',
  '-- serves: v0.1.0',
  '-- serves: 0.1.0 and later',
  '-- serves:0.1.0',
  '-- Serves: 0.1.0',
  '--serves: 0.1.0',
  '-- serves 0.1.0',
  '-- What it is for.\n-- serves: 0.1.0',
  '-- serves: 0.1.0\n-- no transaction\n-- serves: 0.1.0',
  '-- serves: 0.1.0\n-- serves: 0.2.0',
  '-- no transaction\n\n-- serves: 0.1.0',
]) {
  test(`a migration with the head ${JSON.stringify(head)} is refused`, () => {
    assert.throws(
      () => parseMigrationFile('0016_a.sql', `${head}\nselect 1;`),
      (error) => hasCode(error, 'MIGRATION_INVALID'),
    );
  });
}

test('an early migration is not bound to say so, and is refused when it does so wrongly', () => {
  assert.throws(
    () => parseMigrationFile('0003_a.sql', '-- serves: all\nselect 1;'),
    (error) => hasCode(error, 'MIGRATION_INVALID'),
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

test('the migrations of this server let no release work that comes after it', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  for (const { name, serves } of await readMigrationFiles())
    assert.ok(serves === null || compareReleases(serves, version) <= 0, name);
});

test('the migrations of this server have numbers of their own', async () => {
  const numbers = (await readMigrationFiles()).map((file) => file.number);
  assert.equal(new Set(numbers).size, numbers.length);
});
