import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  resumeRollout,
  type Rollout,
  type StageCounts,
  type StageOfRollout,
  stepRollout,
} from './rollout.ts';

const none: StageCounts = { devices: 10, updated: 0, failed: 0 };
const all: StageCounts = { devices: 10, updated: 10, failed: 0 };

function stage(dueAtMs: number, more: Partial<StageOfRollout> = {}): StageOfRollout {
  return {
    groupId: '00000000-0000-7000-8000-000000000001',
    dueAtMs,
    successPercent: 90,
    failurePercent: 20,
    begunAtMs: null,
    passedAtMs: null,
    toleratedFailures: 0,
    ...more,
  };
}

const begun = ({ stages }: Rollout): boolean[] => stages.map(({ begunAtMs }) => begunAtMs !== null);

test('a stage begins when its time has come, and the next when enough devices have the release', () => {
  const start: Rollout = { state: 'running', stages: [stage(1_000), stage(2_000)] };
  const early = stepRollout(start, { nowMs: 999, counts: [none, none] });
  assert.deepEqual(begun(early), [false, false]);
  const first = stepRollout(early, { nowMs: 1_000, counts: [none, none] });
  assert.deepEqual(begun(first), [true, false]);
  const late = stepRollout(first, { nowMs: 9_000, counts: [{ ...none, updated: 8 }, none] });
  assert.deepEqual(begun(late), [true, false], 'eight of ten are not enough');
  const second = stepRollout(late, { nowMs: 9_001, counts: [{ ...none, updated: 9 }, none] });
  assert.deepEqual(begun(second), [true, true]);
  assert.equal(second.stages[0]?.passedAtMs, 9_001);
  const done = stepRollout(second, { nowMs: 9_002, counts: [all, all] });
  assert.equal(done.state, 'done');
});

test('a stage that has passed early does not let the next begin before its time', () => {
  const start: Rollout = { state: 'running', stages: [stage(0), stage(5_000)] };
  assert.deepEqual(begun(stepRollout(start, { nowMs: 1, counts: [all, none] })), [true, false]);
});

test('it stops by itself when it fails on too many, and begins nothing more', () => {
  const start: Rollout = { state: 'running', stages: [stage(0, { begunAtMs: 0 }), stage(0)] };
  const bearable = stepRollout(start, { nowMs: 1, counts: [{ ...none, failed: 2 }, none] });
  assert.equal(bearable.state, 'running');
  const stopped = stepRollout(start, { nowMs: 1, counts: [{ devices: 10, updated: 9, failed: 3 }, none] });
  assert.equal(stopped.state, 'stopped');
  assert.deepEqual(begun(stopped), [true, false]);
  assert.equal(stepRollout(stopped, { nowMs: 9_999, counts: [all, all] }), stopped);
});

test('failures of a stage that has passed stop the others as well, and those before it began do not count', () => {
  const passed = stage(0, { begunAtMs: 0, passedAtMs: 1 });
  const later: Rollout = { state: 'running', stages: [passed, stage(0)] };
  const failed = { ...all, failed: 5 };
  assert.equal(stepRollout(later, { nowMs: 2, counts: [failed, none] }).state, 'stopped');
  const before: Rollout = { state: 'running', stages: [stage(5), stage(5)] };
  assert.equal(stepRollout(before, { nowMs: 2, counts: [failed, failed] }).state, 'running');
});

test('one that goes on bears what has failed so far, and stops again for what is new', () => {
  const stopped: Rollout = { state: 'stopped', stages: [stage(0, { begunAtMs: 0 })] };
  const going = resumeRollout(stopped, [{ ...none, failed: 4 }]);
  assert.equal(stepRollout(going, { nowMs: 1, counts: [{ ...none, failed: 4 }] }).state, 'running');
  assert.equal(stepRollout(going, { nowMs: 1, counts: [{ ...none, failed: 6 }] }).state, 'running');
  assert.equal(stepRollout(going, { nowMs: 1, counts: [{ ...none, failed: 7 }] }).state, 'stopped');
});

test('a group without devices, and a stage that waits for nobody, hold nothing up', () => {
  const empty = { devices: 0, updated: 0, failed: 0 };
  const start: Rollout = { state: 'running', stages: [stage(0), stage(0, { successPercent: 0 })] };
  assert.equal(stepRollout(start, { nowMs: 0, counts: [empty, none] }).state, 'done');
});

test('whatever is counted, stages begin in order and never before their time, and the same again changes nothing', () => {
  const counts = fc.record({ devices: fc.nat(20), updated: fc.nat(20), failed: fc.nat(20) });
  const plans = fc.array(
    fc.record({
      dueAtMs: fc.nat(100),
      successPercent: fc.nat(100),
      failurePercent: fc.option(fc.nat(100), { nil: null }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(
      plans,
      fc.array(fc.tuple(fc.nat(120), fc.array(counts, { minLength: 5, maxLength: 5 }))),
      (plan, steps) => {
        let rollout: Rollout = {
          state: 'running',
          stages: plan.map(({ dueAtMs, ...more }) => stage(dueAtMs, more)),
        };
        for (const [nowMs, seen] of steps) {
          const next = stepRollout(rollout, { nowMs, counts: seen });
          for (const [index, { begunAtMs, dueAtMs }] of next.stages.entries()) {
            if (begunAtMs === null) continue;
            assert.ok(begunAtMs >= dueAtMs);
            assert.ok(next.stages.slice(0, index).every(({ passedAtMs }) => passedAtMs !== null));
            assert.equal(
              rollout.stages[index]?.begunAtMs ?? begunAtMs,
              begunAtMs,
              'what has begun has begun',
            );
          }
          assert.deepEqual(
            stepRollout(next, { nowMs, counts: seen }),
            stepRollout(stepRollout(next, { nowMs, counts: seen }), { nowMs, counts: seen }),
          );
          rollout = next;
        }
      },
    ),
  );
});
