import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toggleFilterTag } from './tag-filter-choice.ts';

test('a tag is on one side at most, and a second click takes it off', () => {
  const none = { having: [], without: [] };
  const having = toggleFilterTag(none, 'having', 'lab');
  assert.deepEqual(having, { having: ['lab'], without: [] });
  const without = toggleFilterTag(having, 'without', 'LAB');
  assert.deepEqual(without, { having: [], without: ['LAB'] });
  assert.deepEqual(toggleFilterTag(without, 'without', 'lab'), none);
});
