import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmationWord } from './confirmation-word.ts';

test('what has to be typed says what is at stake', () => {
  const title = 'Shut down computer';
  assert.equal(confirmationWord({ title, count: 1_602, name: undefined }), '1602');
  assert.equal(confirmationWord({ title, count: 1, name: 'laptop-17' }), 'laptop-17');
  assert.equal(confirmationWord({ title, count: 1, name: undefined }), title);
  assert.equal(confirmationWord({ title, count: undefined, name: undefined }), title);
});
