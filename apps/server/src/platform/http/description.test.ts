import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { RequestLimits } from './request-limits.ts';

test('the description of the API has a narrow limit of its own, and pages go on', () => {
  const limits = new RequestLimits({ now: () => 1_795_312_800_000, monotonic: () => 0 });
  for (let call = 0; call < 10; call += 1) limits.countAddress('description', '192.0.2.1');
  assert.throws(
    () => limits.countAddress('description', '192.0.2.1'),
    (error) => hasCode(error, 'RATE_LIMITED'),
  );
  limits.countAddress('description', '192.0.2.2');
  limits.countAddress('page', '192.0.2.1');
});
