import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextAddressOf } from './next-address.ts';

test('a path of the console is where one goes after signing in', () => {
  assert.equal(nextAddressOf('/devices/1?x=2'), '/devices/1?x=2');
});

test('another site is never where one goes after signing in', () => {
  for (const next of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '',
    7,
    undefined,
  ]) {
    assert.equal(nextAddressOf(next), '/', String(next));
  }
});

test('signing in does not lead back to signing in', () => {
  assert.equal(nextAddressOf('/sign-in?next=/sign-in'), '/');
});
