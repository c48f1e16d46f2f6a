import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandSearch, parseCommandsSearch } from './commands-search.ts';

const target = '0198c5a0-1c2d-7abc-8def-0123456789ab';

test('filters of commands come from the address', () => {
  const search = {
    progress: 'finished',
    type: 'collect-inventory',
    state: 'expired',
    by: 'alice',
    period: 'week',
  };
  assert.deepEqual(parseCommandsSearch(search), search);
  assert.deepEqual(parseCommandSearch({ state: 'failed', target }), { state: 'failed', target });
});

test('what is mistyped in the address is dropped', () => {
  assert.deepEqual(
    parseCommandsSearch({ progress: 'soon', type: '<b>', state: 'lost', by: '', period: 'age' }),
    {},
  );
  assert.deepEqual(parseCommandSearch({ state: 'lost', target: 'x' }), {});
  assert.deepEqual(parseCommandSearch({ state: 3, target: {} }), {});
});
