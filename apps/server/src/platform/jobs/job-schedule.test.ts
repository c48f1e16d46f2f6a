import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobSchedule, type ScheduleState } from './job-schedule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (text: string): number => Date.parse(text);
const berlin = (cron: string): JobSchedule => new JobSchedule({ cron, timeZone: 'Europe/Berlin' });

/** The moments at which it is due when somebody looks every minute. */
function watch(schedule: JobSchedule, from: string, to: string): string[] {
  const due: string[] = [];
  let state = schedule.begin(at(from));
  for (let nowMs = at(from); nowMs <= at(to); nowMs += 60_000) {
    const plan = schedule.plan(state, nowMs);
    if (plan.isDue) due.push(new Date(nowMs).toISOString().slice(0, 16));
    state = plan.state;
  }
  return due;
}

test('a time that does not exist on the day clocks go forward is the first moment after the gap', () => {
  assert.deepEqual(watch(berlin('30 2 * * *'), '2026-03-28T00:00Z', '2026-03-30T12:00Z'), [
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
});

test('a time that exists twice on the day clocks go back comes once', () => {
  assert.deepEqual(watch(berlin('30 2 * * *'), '2026-10-24T12:00Z', '2026-10-26T12:00Z'), [
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('what runs every hour runs in every hour that passes, on both days', () => {
  assert.equal(watch(berlin('17 * * * *'), '2026-10-24T22:00Z', '2026-10-25T22:59Z').length, 25);
  assert.equal(watch(berlin('17 * * * *'), '2026-03-28T23:00Z', '2026-03-29T21:59Z').length, 23);
});

test('after an outage, missed moments are one', () => {
  const hourly = berlin('17 * * * *');
  const state = hourly.begin(at('2026-11-22T08:00Z'));
  const plan = hourly.plan(state, at('2026-11-25T08:30Z'));
  assert.equal(plan.isDue, true);
  assert.deepEqual(plan.state, {
    nextRunAtMs: at('2026-11-25T09:17Z'),
    settledUntilMs: at('2026-11-25T08:30Z'),
  });
  assert.equal(hourly.plan(plan.state, at('2026-11-25T08:30Z')).isDue, false);
});

test('a clock that jumps over a moment runs it once; one that goes back does not run it again', () => {
  const daily = berlin('0 3 * * *');
  let state: ScheduleState = daily.begin(at('2026-11-22T01:59Z'));
  const forward = daily.plan(state, at('2026-11-22T04:00Z'));
  assert.equal(forward.isDue, true);
  state = forward.state;
  for (let nowMs = at('2026-11-22T01:30Z'); nowMs < at('2026-11-22T05:00Z'); nowMs += 60_000) {
    const plan = daily.plan(state, nowMs);
    assert.equal(plan.isDue, false, new Date(nowMs).toISOString());
    state = plan.state;
  }
  assert.equal(daily.plan(state, at('2026-11-23T02:00Z')).isDue, true);
});

test('a clock that was a year ahead does not keep the schedule waiting for a year', () => {
  const hourly = berlin('17 * * * *');
  const ahead = hourly.plan(hourly.begin(at('2026-11-22T08:00Z')), at('2027-11-22T08:00Z'));
  assert.equal(ahead.isDue, true);
  const back = hourly.plan(ahead.state, at('2026-11-22T08:10Z'));
  assert.equal(back.isDue, false);
  assert.equal(back.state.nextRunAtMs, at('2026-11-22T08:17Z'));
});

test('a release with another expression goes by it from now on, and what is due stays due', () => {
  const state = berlin('0 3 * * *').begin(at('2026-11-22T08:00Z'));
  const changed = berlin('30 10 * * *');
  assert.equal(changed.adopt(state, at('2026-11-22T08:05Z')).nextRunAtMs, at('2026-11-22T09:30Z'));
  assert.deepEqual(changed.adopt(state, at('2026-11-24T08:05Z')), state);
  const wrong = { nextRunAtMs: at('2030-01-01T00:00Z'), settledUntilMs: at('2029-12-31T00:00Z') };
  assert.equal(changed.adopt(wrong, at('2026-11-22T08:05Z')).nextRunAtMs, at('2026-11-22T09:30Z'));
  const soon = { nextRunAtMs: null, settledUntilMs: at('2026-11-22T08:05Z') + DAY_MS / 2 };
  assert.equal(changed.adopt(soon, at('2026-11-22T08:05Z')).nextRunAtMs, at('2026-11-23T09:30Z'));
});

test('a date that never comes is never due', () => {
  const never = berlin('0 3 31 2 *');
  const state = never.begin(at('2026-11-22T08:00Z'));
  assert.equal(state.nextRunAtMs, null);
  assert.equal(never.plan(state, at('2036-11-22T08:00Z')).isDue, false);
});

test('an expression or a time zone that is none is refused where it is declared', () => {
  assert.throws(() => berlin('61 * * * *'), /minute/);
  assert.throws(() => berlin('0 0 3 * * *'), 'seconds are not among the five fields');
  assert.throws(() => berlin('whenever'));
  assert.throws(() => new JobSchedule({ cron: '0 3 * * *', timeZone: 'Mars/Base' }), /Mars\/Base/);
});
