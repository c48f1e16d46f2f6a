import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimingWheel } from './timing-wheel.ts';

test('every item comes out once, never before its time, and by the first look at or after it', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('schedule' as const), item: fc.nat(9), afterMs: fc.nat(2_000) }),
    fc.record({ kind: fc.constant('cancel' as const), item: fc.nat(9) }),
    fc.record({ kind: fc.constant('advance' as const), byMs: fc.nat(900) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const tickMs = 10;
      // Few slots, so that most times lie turns ahead.
      const wheel = new TimingWheel({ items: 10, tickMs, slots: 16 });
      const wanted = new Map<number, number>();
      let nowMs = 0;
      for (const one of operations) {
        if (one.kind === 'schedule') {
          wheel.schedule(one.item, nowMs + one.afterMs);
          wanted.set(one.item, nowMs + one.afterMs);
        } else if (one.kind === 'cancel') {
          wheel.cancel(one.item);
          wanted.delete(one.item);
        } else {
          nowMs += one.byMs;
          wheel.advance(nowMs, (item) => {
            assert.ok(nowMs >= (wanted.get(item) ?? Number.POSITIVE_INFINITY), 'not before its time');
            wanted.delete(item);
          });
          for (const atMs of wanted.values()) assert.ok(atMs > nowMs - 2 * tickMs, 'not later than a tick');
        }
        assert.equal(wheel.count, wanted.size);
      }
    }),
  );
});

test('an item may set its own timer anew, and cancel another that is due at the same moment', () => {
  const wheel = new TimingWheel({ items: 3, tickMs: 10, slots: 16 });
  wheel.schedule(0, 50);
  wheel.schedule(1, 50);
  const out: number[] = [];
  wheel.advance(60, (item) => {
    out.push(item);
    wheel.cancel(1 - item);
    wheel.schedule(item, 100);
  });
  assert.equal(out.length, 1, 'the other one was cancelled');
  wheel.advance(100, (item) => out.push(item));
  assert.deepEqual(out, [out[0], out[0]]);
  assert.equal(wheel.count, 0);
});
