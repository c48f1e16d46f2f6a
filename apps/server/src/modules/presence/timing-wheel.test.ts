import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimingWheel } from './timing-wheel.ts';

const ENTRIES = 24;
const ROUND = 65_536;

type Step =
  | { readonly kind: 'schedule'; readonly entry: number; readonly ahead: number }
  | { readonly kind: 'cancel'; readonly entry: number }
  | { readonly kind: 'turn'; readonly ahead: number };

// Mostly near, sometimes in the past, sometimes beyond one round or several.
const ahead = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: ROUND - 3, max: ROUND + 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 * ROUND, max: 5 * ROUND }) },
);
const entry = fc.integer({ min: 1, max: ENTRIES });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('schedule' as const), entry, ahead }),
  fc.record({ kind: fc.constant('cancel' as const), entry }),
  fc.record({ kind: fc.constant('turn' as const), ahead }),
);

test('the wheel fires what a plain map of deadlines would fire, in the same turn', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const wheel = new TimingWheel(4);
      wheel.grow(ENTRIES + 1);
      const model = new Map<number, number>();
      let now = 0;
      for (const it of steps) {
        if (it.kind === 'schedule') {
          wheel.schedule(it.entry, now + it.ahead);
          model.set(it.entry, Math.max(now + it.ahead, now + 1));
        } else if (it.kind === 'cancel') {
          wheel.cancel(it.entry);
          model.delete(it.entry);
        } else if (it.ahead > 0) {
          now += it.ahead;
          const fired: number[] = [];
          wheel.turnTo(now, (due) => fired.push(due));
          const expected = [...model].filter(([, deadline]) => deadline <= now).map(([due]) => due);
          for (const due of expected) model.delete(due);
          assert.equal(fired.length, expected.length);
          assert.deepEqual(new Set(fired), new Set(expected));
        }
        for (let id = 1; id <= ENTRIES; id += 1) assert.equal(wheel.isScheduled(id), model.has(id));
      }
    }),
    { numRuns: 300 },
  );
});

test('an entry that is scheduled again while it fires fires again at its new time', () => {
  const wheel = new TimingWheel(3);
  const fired: number[] = [];
  wheel.schedule(1, 2);
  wheel.turnTo(2, (due) => {
    wheel.schedule(due, 2 + ROUND);
  });
  const note = (due: number): void => void fired.push(due);
  wheel.turnTo(1 + ROUND, note);
  assert.deepEqual(fired, []);
  wheel.turnTo(2 + ROUND, note);
  assert.deepEqual(fired, [1]);
});

test('turning back does nothing', () => {
  const wheel = new TimingWheel(2);
  wheel.schedule(1, 10);
  wheel.turnTo(9, () => assert.fail());
  wheel.turnTo(3, () => assert.fail());
  assert.equal(wheel.tick, 9);
});

test('a turn touches only what is due, with a million entries scheduled', () => {
  const count = 1_000_000;
  const wheel = new TimingWheel(count + 1);
  for (let id = 1; id <= count; id += 1) wheel.schedule(id, 1_000 + (id % 500));
  let fired = 0;
  const startedAt = performance.now();
  wheel.turnTo(999, () => (fired += 1));
  assert.equal(fired, 0);
  // A generous bound: looking at every entry in every turn would be a thousand million steps.
  assert.ok(performance.now() - startedAt < 1_000);
  wheel.turnTo(1_000, () => (fired += 1));
  assert.equal(fired, count / 500);
});
