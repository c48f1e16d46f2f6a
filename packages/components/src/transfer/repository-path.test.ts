import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRepositoryPath } from './repository-path.ts';

test('paths of a repository are taken', () => {
  for (const path of [
    'metadata/timestamp.json',
    'metadata/12.root.json',
    `targets/components/virus-patterns/175/${'0a'.repeat(32)}.from-173`,
    'a',
    'a/b/c/d/e/f/g/h',
    'x'.repeat(128),
  ])
    assert.ok(isRepositoryPath(path), path);
});

test('nothing else is: no way up, nothing hidden, nothing escaped, no other alphabet, nothing without bounds', () => {
  for (const path of [
    '',
    '/',
    '/metadata/timestamp.json',
    'metadata/',
    'metadata//timestamp.json',
    '..',
    '../key',
    'metadata/../../key',
    'metadata/..',
    'metadata/.hidden',
    '.',
    'a/./b',
    'a\\..\\b',
    'c:/key',
    'metadata/%2e%2e/key',
    'metadata/timestamp.json\0',
    'metadata/timestamp.json\n',
    'Metadata/timestamp.json',
    'metadata/ſ.json',
    'metadata/a b',
    'x'.repeat(129),
    'a/b/c/d/e/f/g/h/i',
    Array.from({ length: 8 }, () => 'x'.repeat(60)).join('/'),
    undefined,
    7,
    ['metadata'],
  ])
    assert.ok(!isRepositoryPath(path), JSON.stringify(path));
});
