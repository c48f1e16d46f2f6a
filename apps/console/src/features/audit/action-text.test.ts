import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionText } from './action-text.ts';

test('an action reads as a sentence', () => {
  assert.equal(actionText('enrolment-token.created'), 'Enrolment token created');
  assert.equal(actionText('group.renamed'), 'Group renamed');
  assert.equal(actionText(''), '');
});
