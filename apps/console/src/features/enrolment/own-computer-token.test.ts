import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnComputerToken } from './own-computer-token.ts';

test('a token is the one for the own computer only when the server itself made it', () => {
  assert.ok(isOwnComputerToken({ name: 'This computer (vm)', createdBy: 'Holdfast' }));
  assert.ok(!isOwnComputerToken({ name: 'This computer (vm)', createdBy: 'admin' }));
  assert.ok(!isOwnComputerToken({ name: 'Berlin', createdBy: 'Holdfast' }));
});
