import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineEncryption } from './disk-encryption.ts';
import type { EncryptionState } from './inventory-facts.ts';

const table: readonly [readonly EncryptionState[], EncryptionState][] = [
  [[], 'unknown'],
  [['encrypted'], 'encrypted'],
  [['encrypted', 'encrypted'], 'encrypted'],
  [['not-encrypted', 'not-encrypted'], 'not-encrypted'],
  [['encrypted', 'not-encrypted'], 'partly-encrypted'],
  [['encrypted', 'not-encrypted', 'unknown'], 'partly-encrypted'],
  [['encrypted', 'unknown'], 'unknown'],
  [['not-encrypted', 'unknown'], 'unknown'],
  [['partly-encrypted'], 'partly-encrypted'],
];

for (const [parts, expected] of table) {
  test(`a disk with the parts [${parts.join(', ')}] is ${expected}`, () => {
    assert.equal(combineEncryption(parts), expected);
  });
}
