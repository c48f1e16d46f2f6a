import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReceivers } from './receiver-plan.ts';

test('a small fleet is received by the server itself, a large one by two threads', () => {
  assert.equal(planReceivers(10, 8, 'linux'), 1);
  assert.equal(planReceivers(10_000, 2, 'linux'), 2);
});

test('without a second core, or where the system does not share ports, one thread does everything', () => {
  assert.equal(planReceivers(1_000_000, 1, 'linux'), 1);
  assert.equal(planReceivers(1_000_000, 8, 'darwin'), 1);
});
