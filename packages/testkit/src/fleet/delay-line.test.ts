import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DelayLine } from './delay-line.ts';

test('what is under way comes out once, in the order of the times, and never early', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500), { maxLength: 30 }),
      fc.array(fc.nat(200), { maxLength: 10 }),
      (times, waits) => {
        const line = new DelayLine<number>(5);
        for (const atMs of times) line.add(atMs, atMs);
        const out: number[] = [];
        let nowMs = 0;
        for (const byMs of [...waits, 1_000]) {
          nowMs += byMs;
          line.release(nowMs, (atMs) => {
            assert.ok(atMs <= nowMs);
            out.push(atMs);
          });
        }
        assert.deepEqual(
          [...out].sort((left, right) => left - right),
          [...times].sort((left, right) => left - right),
        );
        const ticks = out.map((atMs) => Math.max(1, Math.ceil(atMs / 5)));
        assert.deepEqual(
          ticks,
          [...ticks].sort((left, right) => left - right),
        );
        assert.equal(line.count, 0);
      },
    ),
  );
});
