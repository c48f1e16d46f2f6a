import assert from 'node:assert/strict';
import { test } from 'node:test';

import { here } from '../setup/place.mjs';
import { findStaleNames } from './reading.mjs';
import { readTrackedTexts } from './tracked.mjs';

const TEXTS = [
  { path: 'apps/a/rule.ts', text: 'export function decide() {}\nclass Rule { #look() {} }\n' },
  { path: 'apps/a/rule.test.ts', text: "test('whatever comes, it is decided', () => {});\n" },
  { path: 'apps/a/view/row.tsx', text: 'export function Row() {}\n' },
  { path: 'apps/b/rule.ts', text: "export const events = { 'rule.changed': 1 };\n" },
  { path: 'docs/other.md', text: '' },
];

function find(text) {
  return findStaleNames({ path: 'docs/reading.md', text }, TEXTS).findings;
}

test('a page that names what is there has no findings, also where a line ends in a title', () => {
  const page = [
    '1. "Said": `apps/a/`: `rule.ts` `decide` and `#look`, for `view/row.tsx` `Row`; `npm run x`. Shown by `rule.test.ts` "whatever',
    '   comes, it is decided". See [other](other.md#part), [elsewhere](https://example.com/gone.md).',
    '2. `apps/b/` `rule.ts` `rule.changed`; files end in `.store.ts`.',
  ];
  assert.deepEqual(find(page.join('\n')), []);
});

for (const [what, text, finding] of [
  ['a folder that is gone', '`apps/c/`', 'there is no folder apps/c/'],
  ['a file that is gone', '`apps/a/` `rules.ts`', '0 files rules.ts are in apps/a/'],
  ['a file of another paragraph', '`apps/a/`\n\n`rule.ts`', '0 files rule.ts are in no folder'],
  [
    'a file that may be one of two',
    '`apps/a/` `apps/b/` `rule.ts`',
    '2 files rule.ts are in apps/a/, apps/b/',
  ],
  ['a function that is gone', '`apps/a/` `rule.ts` `decid`', 'apps/a/rule.ts has no decid'],
  [
    'a function of another file',
    '`apps/a/` `rule.ts` `view/row.tsx` `decide`',
    'apps/a/view/row.tsx has no decide',
  ],
  ['a type of event that is gone', '`apps/b/` `rule.ts` `rule.gone`', 'apps/b/rule.ts has no rule.gone'],
  ['a name without a file', '`decide`', 'no file has no decide'],
  [
    'a test that is gone',
    '`apps/a/` `rule.test.ts` "it is doubted"',
    'apps/a/rule.test.ts has no test "it is doubted"',
  ],
  [
    'a second test that is gone',
    '`apps/a/` `rule.test.ts` "whatever comes" and "goes"',
    'apps/a/rule.test.ts has no test "goes"',
  ],
  ['a document that is gone', '[gone](gone.md)', 'there is no gone.md'],
]) {
  test(`${what} is found`, () => {
    assert.deepEqual(find(text), [`docs/reading.md: ${finding}`]);
  });
}

test('whatever docs/reading.md names is there', async () => {
  const texts = await readTrackedTexts(here.root);
  const page = texts.find(({ path }) => path === 'docs/reading.md');
  const { findings, looked } = findStaleNames(page, texts);
  assert.deepEqual(findings, []);
  assert.ok(looked > 200, `only ${looked} names were looked up: this test is blind`);
});
