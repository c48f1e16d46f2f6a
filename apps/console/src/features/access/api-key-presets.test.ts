import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissions } from '@holdfast/api';
import { apiKeyPresets, findPreset, permissionsOf } from './api-key-presets.ts';

test('a preset never gives more than its creator has', () => {
  const own = ['directory:read', 'commands:read'] as const;
  for (const preset of apiKeyPresets) assert.deepEqual(permissionsOf(preset, own), own);
});

test('a key that only reads can change nothing', () => {
  const readOnly = permissionsOf('read-only', permissions);
  assert.ok(readOnly.length > 5);
  assert.deepEqual(
    readOnly.filter((permission) => !permission.endsWith(':read')),
    [],
  );
});

test('a key for automation can issue commands and say for which devices', () => {
  const automation = permissionsOf('automation', permissions);
  assert.equal(automation.includes('commands:issue'), true);
  assert.equal(automation.includes('directory:read'), true);
  assert.equal(automation.includes('administrators:manage'), false);
});

test('what is chosen one by one is recognised as a preset only when it is exactly that', () => {
  const readOnly = permissionsOf('read-only', permissions);
  assert.equal(findPreset(readOnly, permissions), 'read-only');
  assert.equal(findPreset(permissions, permissions), 'everything');
  assert.equal(findPreset(readOnly.slice(1), permissions), undefined);
  assert.equal(findPreset([], permissions), undefined);
});
