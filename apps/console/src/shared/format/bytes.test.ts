import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteSizeOf, formatBytes } from './bytes.ts';

test('bytes are told in binary units with at most three significant digits', () => {
  assert.deepEqual(byteSizeOf(0), { value: 0, unit: 'B' });
  assert.deepEqual(byteSizeOf(1023), { value: 1023, unit: 'B' });
  assert.deepEqual(byteSizeOf(1024), { value: 1, unit: 'KiB' });
  assert.deepEqual(byteSizeOf(16_753_582_080), { value: 15.6, unit: 'GiB' });
  assert.deepEqual(byteSizeOf(512_110_190_592), { value: 477, unit: 'GiB' });
});

test('a size just below a unit does not read as 1,024 of the smaller one', () => {
  assert.deepEqual(byteSizeOf(1024 * 1024 - 1), { value: 1, unit: 'MiB' });
});

test('the number is written in the language of the reader', () => {
  assert.equal(formatBytes(16_753_582_080, 'en'), '15.6 GiB');
  assert.equal(formatBytes(16_753_582_080, 'de'), '15,6 GiB');
});
