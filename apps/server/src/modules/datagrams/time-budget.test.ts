import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeBudget } from './time-budget.ts';

test('work may begin until its share of the window is used up, and again in the next window', () => {
  const budget = new TimeBudget({ windowMs: 100, share: 0.7 });
  assert.equal(budget.hasTimeAt(1_000), true);
  budget.spend(69);
  assert.equal(budget.hasTimeAt(1_050), true);
  budget.spend(5);
  assert.equal(budget.hasTimeAt(1_099), false);
  assert.equal(budget.hasTimeAt(1_100), true);
});
