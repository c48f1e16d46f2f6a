import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTargetPath, parseTargetPath } from './target-path.ts';

test('a path of a release is read and written', () => {
  for (const path of [
    'components/a/1/full',
    'components/a-1/9007199254740991/from-3',
    'feeds/clamav/7/full',
  ]) {
    const parsed = parseTargetPath(path);
    assert.ok(parsed);
    assert.equal(formatTargetPath(parsed), path);
  }
});

test("every other path is nobody's", () => {
  const paths = [
    '',
    'components/a/1',
    'components/a/1/full/',
    '/components/a/1/full',
    'components/A/1/full',
    'components/../1/full',
    'components/a/0/full',
    'components/a/01/full',
    'components/a/9007199254740992/full',
    'components/a/1/from-1',
    'components/a/1/from-2',
    'components/a/2/from-0',
    'components/a/2/from-',
    'components/a/1/full\n',
    'other/a/1/full',
    'components/a/1/FULL',
  ];
  for (const path of paths) assert.equal(parseTargetPath(path), undefined, path);
});
