import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import {
  createAlwaysWorking,
  describeSchedule,
  encodeDay,
  isAlwaysWorking,
  isTimeZone,
  isWorkingQuarter,
  listStretches,
  Schedule,
  ScheduleClock,
  withQuarters,
} from './schedule.ts';

const OFFICE_DAY = `${'0'.repeat(7)}${'f'.repeat(12)}${'0'.repeat(5)}`;
const IDLE_DAY = '0'.repeat(24);
const office = (timeZone: string): Schedule => ({
  timeZone,
  week: [OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, IDLE_DAY, IDLE_DAY],
});
const at = (text: string): number => Date.parse(text);

const week = fc.array(
  fc.array(fc.boolean(), { minLength: 96, maxLength: 96 }).map((quarters) => encodeDay(quarters)),
  { minLength: 7, maxLength: 7 },
);

test('working hours are those that the clock of the place shows', () => {
  const berlin = new ScheduleClock(office('Europe/Berlin'));
  // Wednesday; winter, UTC+1.
  assert.equal(berlin.isIdle(at('2026-01-14T05:59:59Z')), true);
  assert.equal(berlin.isIdle(at('2026-01-14T06:00:00Z')), false);
  assert.equal(berlin.isIdle(at('2026-01-14T17:59:59Z')), false);
  assert.equal(berlin.isIdle(at('2026-01-14T18:00:00Z')), true);
  // Summer, UTC+2.
  assert.equal(berlin.isIdle(at('2026-07-15T05:00:00Z')), false);
  // Saturday.
  assert.equal(berlin.isIdle(at('2026-01-17T10:00:00Z')), true);
});

test('the next change skips a weekend and follows the clocks', () => {
  const berlin = new ScheduleClock(office('Europe/Berlin'));
  assert.equal(berlin.nextChangeAt(at('2026-01-16T18:00:00Z')), at('2026-01-19T06:00:00Z'));
  // Clocks go forward on Sunday the 29th of March.
  assert.equal(berlin.nextChangeAt(at('2026-03-27T19:00:00Z')), at('2026-03-30T05:00:00Z'));
});

test('a quarter hour that comes twice when clocks go back has its value twice', () => {
  const nightOnly = withQuarters(
    { timeZone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => IDLE_DAY) },
    { day: 6, from: 8, to: 12, isWorking: true },
  );
  const clock = new ScheduleClock(nightOnly);
  // 02:00 to 03:00 on 2026-10-25 comes twice: from 00:00Z to 02:00Z.
  assert.equal(clock.nextChangeAt(at('2026-10-24T12:00:00Z')), at('2026-10-25T00:00:00Z'));
  assert.equal(clock.nextChangeAt(at('2026-10-25T00:30:00Z')), at('2026-10-25T02:00:00Z'));
});

test('a quarter hour that is left out when clocks go forward is waited for a week', () => {
  const leftOut = withQuarters(
    { timeZone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => IDLE_DAY) },
    { day: 6, from: 8, to: 9, isWorking: true },
  );
  const clock = new ScheduleClock(leftOut);
  // 02:00 does not exist on 2026-03-29.
  assert.equal(clock.nextChangeAt(at('2026-03-28T12:00:00Z')), at('2026-04-05T00:00:00Z'));
});

test('places that differ by quarter hours are right', () => {
  const clock = new ScheduleClock(office('Asia/Kathmandu'));
  assert.equal(clock.nextChangeAt(at('2026-01-14T00:00:00Z')), at('2026-01-14T01:15:00Z'));
});

test('a schedule without a change has no next one', () => {
  assert.equal(new ScheduleClock(createAlwaysWorking('UTC')).nextChangeAt(0), undefined);
});

test('between an instant and its next change the value stays', () => {
  fc.assert(
    fc.property(
      week,
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (days, timeZone, atMs, share) => {
        const clock = new ScheduleClock({ timeZone, week: days });
        const nextMs = clock.nextChangeAt(atMs);
        if (nextMs === undefined) return;
        const isIdle = clock.isIdle(atMs);
        const between = atMs + Math.floor((nextMs - atMs) * share);
        assert.equal(clock.isIdle(Math.min(between, nextMs - 1)), isIdle);
        assert.equal(clock.isIdle(nextMs), !isIdle);
      },
    ),
    { numRuns: 60 },
  );
});

test('stretches cover the day and say what the quarters say', () => {
  fc.assert(
    fc.property(week, fc.integer({ min: 0, max: 6 }), (days, day) => {
      const schedule = { timeZone: 'UTC', week: days };
      let end = 0;
      for (const { from, to, isWorking } of listStretches(schedule, day)) {
        assert.equal(from, end);
        for (let quarter = from; quarter < to; quarter++) {
          assert.equal(isWorkingQuarter(schedule, day, quarter), isWorking);
        }
        end = to;
      }
      assert.equal(end, 96);
    }),
  );
});

test('changing quarters changes these and no others', () => {
  fc.assert(
    fc.property(
      week,
      fc.record({
        day: fc.integer({ min: 0, max: 6 }),
        from: fc.integer({ min: 0, max: 95 }),
        to: fc.integer({ min: 0, max: 96 }),
        isWorking: fc.boolean(),
      }),
      (days, change) => {
        const before = { timeZone: 'UTC', week: days };
        const after = withQuarters(before, change);
        assert(Check(Schedule, after));
        for (let day = 0; day < 7; day++) {
          for (let quarter = 0; quarter < 96; quarter++) {
            const isMeant = day === change.day && quarter >= change.from && quarter < change.to;
            assert.equal(
              isWorkingQuarter(after, day, quarter),
              isMeant ? change.isWorking : isWorkingQuarter(before, day, quarter),
            );
          }
        }
      },
    ),
  );
});

test('a schedule in words joins days that are alike', () => {
  assert.equal(describeSchedule(office('Europe/Berlin')), 'Mon–Fri 07:00–19:00 (Europe/Berlin)');
  const withSaturday = withQuarters(office('UTC'), { day: 5, from: 34, to: 50, isWorking: true });
  assert.equal(describeSchedule(withSaturday), 'Mon–Fri 07:00–19:00; Sat 08:30–12:30 (UTC)');
  assert.equal(describeSchedule(createAlwaysWorking('UTC')), 'always working');
  assert.equal(
    describeSchedule({ timeZone: 'UTC', week: Array.from({ length: 7 }, () => IDLE_DAY) }),
    'never working (UTC)',
  );
});

test('what is no schedule is refused', () => {
  const good = office('UTC');
  for (const bad of [
    { ...good, week: good.week.slice(1) },
    { ...good, week: [...good.week.slice(1), 'F'.repeat(24)] },
    { ...good, week: [...good.week.slice(1), 'f'.repeat(23)] },
    { ...good, timeZone: '' },
    { ...good, timeZone: 'Europe/Berlin\n' },
    { ...good, extra: 1 },
  ]) {
    assert.equal(Check(Schedule, bad), false);
  }
  assert.equal(isTimeZone('Europe/Berlin'), true);
  assert.equal(isTimeZone('Mars/Olympus'), false);
  for (const name of ['UTC', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])
    assert.ok(isTimeZone(name), name);
  for (const offset of ['+0537', '-03', '+05:30', '-00:01']) assert.ok(!isTimeZone(offset), offset);
  assert.equal(isAlwaysWorking(good), false);
});
