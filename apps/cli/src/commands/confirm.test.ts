import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isYes } from './confirm.ts';

test('y and yes agree, and nothing else does', () => {
  for (const answer of ['y', 'Y', 'yes', ' Yes ']) assert.equal(isYes(answer), true, answer);
  for (const answer of ['', 'n', 'no', 'yess', 'y n', undefined]) assert.equal(isYes(answer), false, answer);
});
