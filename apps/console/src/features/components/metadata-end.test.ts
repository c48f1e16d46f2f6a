import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataEndOf } from './metadata-end.ts';

const end = '2026-12-02T12:00:00.000Z';
const endMs = Date.parse(end);

test('the end is told a day before it comes', () => {
  assert.equal(metadataEndOf(end, endMs - 86_400_000), 'far');
  assert.equal(metadataEndOf(end, endMs - 86_399_999), 'near');
  assert.equal(metadataEndOf(end, endMs), 'past');
});

test('before the first download there is none', () => {
  assert.equal(metadataEndOf(null, endMs), 'far');
});
