import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../..', import.meta.url));
/** The only ways in which a part comes late; see late-loader.ts. */
const allowed = /late(?:Page|Component)\(\s*\(\) => import\(/gu;
const anyImport = /\bimport\(/gu;
const otherWays = /\b(?:lazy|lazyRouteComponent)\(/gu;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

function findStrays(name: string, text: string): string[] {
  // The list of late texts, which app/i18n.ts has loaded.
  const isList = name === join('shared', 'i18n', 'resources.ts');
  const isMaker =
    name === join('app', 'late-page.ts') || name === join('shared', 'late', 'late-component.tsx');
  const strays = isList ? 0 : count(text, anyImport) - count(text, allowed);
  return strays > 0 || (!isMaker && count(text, otherWays) > 0) ? [name] : [];
}

test('whatever comes late comes through the loader that waits for the server', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/u.test(name) && !name.includes('.test.'),
  );
  assert.deepEqual(
    files.flatMap((name) => findStrays(name, readFileSync(join(source, name), 'utf8'))),
    [],
  );
  assert.ok(
    files.some((name) => count(readFileSync(join(source, name), 'utf8'), allowed) > 20),
    'it sees the pages',
  );
});

test('a stray is seen', () => {
  for (const text of [
    'const A = lazy(async () => ({}))',
    "await import('./x.ts')",
    'lazyRouteComponent(() => x)',
  ])
    assert.deepEqual(findStrays('x.ts', text), ['x.ts']);
});
