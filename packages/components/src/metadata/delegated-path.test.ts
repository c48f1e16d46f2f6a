import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isDelegated, isMatch } from './delegated-path.ts';

test('a star is any number of characters and a question mark one, none of them a slash', () => {
  const cases: readonly [pattern: string, matches: readonly string[], others: readonly string[]][] = [
    [
      'feeds/*/*/*',
      ['feeds/a/1/full', 'feeds///x', 'feeds/a/1/from-2'],
      ['feeds/a/1', 'feeds/a/1/full/x', 'xfeeds/a/1/full', 'feed/a/1/full'],
    ],
    ['*', ['', 'a', '*'], ['a/b', '/']],
    ['*.zip', ['.zip', 'a.zip', '.zip.zip'], ['a.zi', 'a.zipp', 'a/b.zip', 'aXzip']],
    ['a?c', ['abc', 'a?c'], ['ac', 'abbc', 'a/c']],
    ['a*b*c', ['abc', 'aXbYc', 'abcbc', 'abbbc'], ['acb', 'ab', 'aXc']],
    ['[ab]', ['[ab]'], ['a', 'b']],
    ['a.b', ['a.b'], ['axb']],
    ['', [''], ['a']],
  ];
  for (const [pattern, matches, others] of cases) {
    for (const path of matches) assert.equal(isMatch(path, pattern), true, `${pattern} ${path}`);
    for (const path of others) assert.equal(isMatch(path, pattern), false, `${pattern} ${path}`);
  }
});

test('no pattern takes long, however its stars stand', () => {
  const startedAt = performance.now();
  for (let count = 0; count < 100; count += 1) isMatch('a'.repeat(512), `${'a*'.repeat(250)}b`);
  assert.ok(performance.now() - startedAt < 5_000);
});

test('a path may be delegated by the beginning of its hash', () => {
  const hash = createHash('sha256').update('a/b').digest('hex');
  const delegation = {
    name: 'x',
    keyIds: [],
    threshold: 1,
    isTerminating: false,
    patterns: [],
    hashPrefixes: [hash.slice(0, 3)],
  };
  assert.equal(isDelegated('a/b', delegation), true);
  const other = createHash('sha256').update('a/c').digest('hex');
  assert.equal(isDelegated('a/c', delegation), other.startsWith(hash.slice(0, 3)));
  assert.equal(isDelegated('a/b', { ...delegation, hashPrefixes: [] }), false);
});
