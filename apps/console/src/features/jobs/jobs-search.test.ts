import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobsSearch } from './jobs-search.ts';

test('what the page of jobs writes into the address it reads back', () => {
  const search = {
    state: 'dead',
    kind: 'audit.verify',
    job: '019aa000-0000-7000-8000-000000000001',
  } as const;
  assert.deepEqual(parseJobsSearch(search), search);
});

test('what somebody made up in the address is left out', () => {
  assert.deepEqual(parseJobsSearch({ state: 'asleep', kind: '../etc', job: '<script>', page: 7 }), {});
  assert.deepEqual(parseJobsSearch({ state: ['dead'], kind: 'a'.repeat(101), job: {} }), {});
});
