import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuditSearch } from './audit-search.ts';

test('filters of the audit log come from the address', () => {
  const search = {
    search: 'berlin',
    action: 'group.renamed',
    object: '0198c5a0-1c2d',
    period: 'week',
    actor: 'api-key',
    by: 'ci',
  };
  assert.deepEqual(parseAuditSearch(search), search);
});

test('what is mistyped in the address is dropped', () => {
  const search = {
    search: ' ',
    action: 'Group Renamed',
    object: '../x',
    period: 'year',
    actor: 'nobody',
    by: '',
  };
  assert.deepEqual(parseAuditSearch(search), {});
});
