import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListMemory } from './list-place.ts';

test('a list is found again where it was left, whatever the order of its filters', () => {
  const memory = new ListMemory();
  memory.remember({ search: { status: 'offline', agent: '1.0.0' }, offset: 400 });
  assert.equal(memory.offsetOf({ agent: '1.0.0', status: 'offline' }), 400);
  assert.equal(memory.offsetOf({ status: 'offline' }), 0);
  assert.deepEqual(memory.place?.search, { status: 'offline', agent: '1.0.0' });
});
