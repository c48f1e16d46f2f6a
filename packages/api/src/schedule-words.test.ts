import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleWordsOf } from './schedule-words.ts';

test('what runs every hour or every day is said in words', () => {
  assert.deepEqual(scheduleWordsOf('27 * * * *'), { kind: 'hourly', minute: 27 });
  assert.deepEqual(scheduleWordsOf('0 * * * *'), { kind: 'hourly', minute: 0 });
  assert.deepEqual(scheduleWordsOf('3 3 * * *'), { kind: 'daily', time: '03:03' });
  assert.deepEqual(scheduleWordsOf('23 0 * * *'), { kind: 'daily', time: '00:23' });
});

test('of any other schedule no words are made up', () => {
  for (const cron of [
    '',
    '* * * * *',
    '*/5 * * * *',
    '1,31 * * * *',
    '0 3 * * 1',
    '0 3 1 * *',
    '0 3 * 6 *',
    '60 * * * *',
    '0 24 * * *',
    '0 3 * *',
    '0 3 * * * *',
  ])
    assert.equal(scheduleWordsOf(cron), undefined, cron);
});
