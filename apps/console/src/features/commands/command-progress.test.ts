import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandCounts } from '@holdfast/api';
import fc from 'fast-check';
import { barOf, progressOf } from './command-progress.ts';

function counts(part: Partial<CommandCounts>): CommandCounts {
  const whole = {
    queued: 0,
    delivered: 0,
    accepted: 0,
    running: 0,
    cancelling: 0,
    succeeded: 0,
    failed: 0,
    expired: 0,
    cancelled: 0,
    ...part,
  };
  const total = Object.values(whole).reduce((sum, count) => sum + count, 0);
  return { ...whole, total };
}

test('a command is finished when nothing is open', () => {
  assert.equal(progressOf(counts({ succeeded: 3, failed: 1, expired: 1, cancelled: 1 })).isFinished, true);
  assert.equal(progressOf(counts({ succeeded: 3, running: 1 })).isFinished, false);
});

test('what has not begun is called back, and what has begun can be asked to end', () => {
  assert.deepEqual(progressOf(counts({ queued: 1, delivered: 2, accepted: 3, running: 4, cancelling: 5 })), {
    total: 15,
    open: 15,
    notBegun: 3,
    begun: 7,
    cancelling: 5,
    isFinished: false,
  });
});

test('the parts of the bar lie side by side within its length', () => {
  const count = fc.nat({ max: 50 });
  const any = fc.record({
    queued: count,
    delivered: count,
    accepted: count,
    running: count,
    cancelling: count,
    succeeded: count,
    failed: count,
    expired: count,
    cancelled: count,
  });
  fc.assert(
    fc.property(any, (part) => {
      let end = 0;
      for (const piece of barOf(counts(part))) {
        assert.ok(Math.abs(piece.start - end) < 1e-9);
        assert.ok(piece.width > 0);
        end = piece.start + piece.width;
      }
      assert.ok(end <= 100 + 1e-9);
    }),
  );
});

test('a command without targets has an empty bar', () => {
  assert.deepEqual(barOf(counts({})), []);
});
