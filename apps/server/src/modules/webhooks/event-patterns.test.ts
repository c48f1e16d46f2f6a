import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineEvent } from '../../platform/events/domain-event.ts';
import { EventTypes } from '../../platform/events/event-types.ts';
import { findUnknownPattern, matchesPattern, permissionsNamed, resolvePatterns } from './event-patterns.ts';

const types = new EventTypes();
const about = (permission: 'directory:read' | 'logs:read' | 'settings:read') =>
  defineEvent({ objectKind: 'x', title: 'X', permission, data: Type.Object({}) });
types.define({
  'device.created': about('directory:read'),
  'device.moved': about('directory:read'),
  'device-log.received': about('logs:read'),
  'webhook.tested': about('settings:read'),
});

test('a pattern means one type, one kind of object, or all', () => {
  for (const [pattern, type, isMeant] of [
    ['*', 'device.moved', true],
    ['device.*', 'device.moved', true],
    ['device.*', 'device-log.received', false],
    ['device.moved', 'device.moved', true],
    ['device.moved', 'device.created', false],
    ['device', 'device.moved', false],
  ] as const)
    assert.equal(matchesPattern(pattern, type), isMeant, `${pattern} ${type}`);
});

test('what nobody with these permissions may read is left out, and the test event always', () => {
  assert.deepEqual(resolvePatterns(['*'], new Set(['directory:read', 'settings:read']), types), [
    'device.created',
    'device.moved',
  ]);
  assert.deepEqual(resolvePatterns(['webhook.tested'], new Set(['settings:read']), types), []);
  assert.deepEqual(resolvePatterns(['*'], new Set(), types), []);
});

test('a pattern that means nothing is found, and what is named needs its permission', () => {
  assert.equal(findUnknownPattern(['device.*', '*', 'device.moved'], types), undefined);
  assert.equal(findUnknownPattern(['device.*', 'group.*'], types), 'group.*');
  assert.equal(findUnknownPattern(['device.renamed'], types), 'device.renamed');
  assert.deepEqual(permissionsNamed(['device.*', 'device-log.received'], types), new Set(['logs:read']));
});
