import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLogsSearch } from './logs-search.ts';

test('filters of the log come from the address', () => {
  const search = {
    search: 'disk',
    severity: 'warning',
    type: 'server-lost',
    group: '0198c5a0-1c2d-7abc-8def-0123456789ab',
    device: '0198c5a0-1c2d-7abc-8def-0123456789ac',
    period: 'day',
    from: '2026-11-22T08:00:00.000Z',
    to: '2026-11-22T09:00:00Z',
  };
  assert.deepEqual(parseLogsSearch(search), search);
});

test('what is mistyped in the address is dropped', () => {
  const search = {
    search: ' ',
    severity: 'loud',
    type: 'Server Lost',
    group: '../x',
    device: 7,
    period: 'age',
    from: 'yesterday',
    to: '2026-99-99T99:99:99Z',
  };
  assert.deepEqual(parseLogsSearch(search), {});
});
