import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { foldName } from '@holdfast/kernel';
import fc from 'fast-check';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.close());

/** As it can be read in a report. */
function escape(text: string): string {
  return [...text].map((sign) => sign.codePointAt(0)?.toString(16)).join(' ');
}

async function foldInDatabase(names: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ folded: string }>`
    select fold_name(name) as folded from unnest(${names}::text[]) with ordinality as n (name, place) order by place
  `.execute(database.db);
  return rows.map((row) => row.folded);
}

test('the database folds every character as the code does', async () => {
  const characters: string[] = [];
  for (let code = 1; code < 0x11_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    // All that the code changes, and some of what it leaves as it is.
    if (foldName(character) !== character || code % 64 === 0) characters.push(character);
  }
  // Each release of PostgreSQL has the compositions of its own time: what it does not know yet is nobody's name.
  const { rows } = await sql<{ known: string }>`
    select normalize(name, NFKC) as known from unnest(${characters}::text[]) with ordinality as n (name, place)
    order by place`.execute(database.db);
  const known = characters.filter((character, index) => rows[index]?.known === character.normalize('NFKC'));
  assert.ok(known.length > 0.95 * characters.length, `${known.length} of ${characters.length}`);
  const folded = await foldInDatabase(known);
  const different = known.filter((character, index) => folded[index] !== foldName(character));
  assert.deepEqual(
    different.map((character) => character.codePointAt(0)?.toString(16)),
    [],
  );
});

test('and every text of them', async () => {
  const unit = fc.oneof(
    fc.constantFrom(
      'i',
      'I',
      'İ',
      'ı',
      '\u0307',
      'ß',
      'ẞ',
      'Σ',
      'ς',
      '\u00ad',
      '\u034f',
      'ΐ',
      'ᾳ',
      '\u0345',
      'ﬃ',
      'a',
      ' ',
    ),
    fc.integer({ min: 1, max: 0x17ff }).map((code) => String.fromCodePoint(code)),
  );
  const names = fc.sample(
    fc.array(unit, { maxLength: 20 }).map((units) => units.join('')),
    { numRuns: 2_000, seed: 29 },
  );
  const usable = names.filter((name) => name !== '' && !name.includes('\0'));
  const folded = await foldInDatabase(usable);
  const different = usable.filter((name, index) => folded[index] !== foldName(name));
  assert.deepEqual(different.slice(0, 3).map(escape), []);
});
