import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlwaysWorking, withQuarters } from '@holdfast/api';
import { defaultDownloadSchedule, type DownloadSchedule, isDownloadDue } from './download-schedule.ts';

const at = (text: string): number => Date.parse(text);
const isDue = (schedule: Partial<DownloadSchedule>, now: string, last: string | null): boolean =>
  isDownloadDue(
    { ...defaultDownloadSchedule, ...schedule },
    { nowMs: at(now), lastAtMs: last === null ? null : at(last), timeZone: 'UTC' },
  );

test('the first one begins at once, and the next after the interval; a missed one is made up for once', () => {
  assert.ok(isDue({}, '2026-12-01T12:00Z', null));
  assert.ok(!isDue({}, '2026-12-01T12:59Z', '2026-12-01T12:00Z'));
  assert.ok(isDue({}, '2026-12-01T13:00Z', '2026-12-01T12:00Z'));
  assert.ok(isDue({}, '2026-12-09T13:00Z', '2026-12-01T12:00Z'));
  assert.ok(!isDue({ isEnabled: false }, '2026-12-09T13:00Z', null));
});

test('a time of day is kept, however long the last one took to begin', () => {
  const daily = { everyMinutes: 1_440, startTime: '03:30' };
  assert.ok(!isDue(daily, '2026-12-02T03:29Z', '2026-12-01T03:31Z'));
  assert.ok(isDue(daily, '2026-12-02T03:30Z', '2026-12-01T03:31Z'));
  const weekly = { everyMinutes: 7 * 1_440, startTime: '03:30' };
  assert.ok(!isDue(weekly, '2026-12-07T12:00Z', '2026-12-01T03:31Z'));
  assert.ok(isDue(weekly, '2026-12-08T03:30Z', '2026-12-01T03:31Z'));
});

test('none begins in hours that are left out, by the clock of their place, also on the day on which it changes', () => {
  // Saturday in Berlin, and nights there from 22 to 6.
  let hours = withQuarters(createAlwaysWorking('Europe/Berlin'), {
    day: 5,
    from: 0,
    to: 96,
    isWorking: false,
  });
  hours = withQuarters(hours, { day: 6, from: 0, to: 24, isWorking: false });
  assert.ok(!isDue({ hours }, '2026-12-05T10:00Z', null));
  assert.ok(isDue({ hours }, '2026-12-04T22:59Z', null), 'it is Friday there');
  assert.ok(!isDue({ hours }, '2026-12-04T23:00Z', null), 'it is Saturday there');
  assert.ok(!isDue({ hours }, '2026-12-06T04:59Z', null));
  assert.ok(isDue({ hours }, '2026-12-06T05:00Z', null));
  // 2026-10-25: clocks go back at 03:00 there, and six o'clock is an hour later by UTC than the day before.
  assert.ok(!isDue({ hours }, '2026-10-25T04:30Z', null));
  assert.ok(isDue({ hours }, '2026-10-25T05:00Z', null));
  assert.ok(
    isDue({ hours, everyMinutes: 60 }, '2026-12-06T05:00Z', '2026-12-04T22:00Z'),
    'made up for after them',
  );
});

test('a clock that was set back delays it by one interval at most', () => {
  assert.ok(!isDue({}, '2026-12-01T11:30Z', '2026-12-01T12:00Z'));
  assert.ok(isDue({}, '2026-12-01T10:30Z', '2026-12-01T12:00Z'));
});
