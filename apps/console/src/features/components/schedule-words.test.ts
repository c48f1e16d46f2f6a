import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequencyOf } from './schedule-words.ts';

test('a frequency is said in the largest unit that is exact', () => {
  assert.deepEqual(frequencyOf({ everyMinutes: 90, startTime: null }), { unit: 'minute', count: 90 });
  assert.deepEqual(frequencyOf({ everyMinutes: 120, startTime: null }), { unit: 'hour', count: 2 });
  assert.deepEqual(frequencyOf({ everyMinutes: 2_880, startTime: '02:00' }), {
    unit: 'day',
    count: 2,
    startTime: '02:00',
  });
});

test('a time of day says nothing where there is no whole day', () => {
  assert.deepEqual(frequencyOf({ everyMinutes: 60, startTime: '02:00' }), { unit: 'hour', count: 1 });
});
