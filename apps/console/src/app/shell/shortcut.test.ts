import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcutOf } from './shortcut.ts';

const plain = (key: string) => ({ key, hasModifier: false, hasAlt: false });

test('Ctrl+K opens the palette, also while typing', () => {
  const key = { key: 'k', hasModifier: true, hasAlt: false };
  assert.deepEqual(shortcutOf(key, undefined, false), { kind: 'palette' });
  assert.deepEqual(shortcutOf(key, undefined, true), { kind: 'palette' });
});

test('single keys do nothing while typing', () => {
  assert.equal(shortcutOf(plain('/'), undefined, true), undefined);
  assert.equal(shortcutOf(plain('d'), 'g', true), undefined);
});

test('g and a letter go to a page', () => {
  assert.deepEqual(shortcutOf(plain('d'), 'g', false), { kind: 'go', page: 'directory' });
  assert.deepEqual(shortcutOf(plain('a'), 'g', false), { kind: 'go', page: 'audit' });
  assert.equal(shortcutOf(plain('x'), 'g', false), undefined);
  assert.equal(shortcutOf(plain('d'), undefined, false), undefined);
});

test('keys with modifiers are left to the browser', () => {
  assert.equal(shortcutOf({ key: 'd', hasModifier: true, hasAlt: false }, 'g', false), undefined);
  assert.equal(shortcutOf({ key: '/', hasModifier: false, hasAlt: true }, undefined, false), undefined);
});

test('/ searches in the list and ? shows the keys', () => {
  assert.deepEqual(shortcutOf(plain('/'), undefined, false), { kind: 'search' });
  assert.deepEqual(shortcutOf(plain('?'), undefined, false), { kind: 'help' });
});
