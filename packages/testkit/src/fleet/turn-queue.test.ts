import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TurnQueue } from './turn-queue.ts';

test('everybody gets a turn once: the urgent first, and each kind in the order of arrival', () => {
  const operation = fc.constantFrom('urgent' as const, 'other' as const, 'next' as const);
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 3_000 }), (operations) => {
      const queue = new TurnQueue<number>();
      const urgent: number[] = [];
      const others: number[] = [];
      for (const [nth, kind] of operations.entries()) {
        if (kind === 'next') assert.equal(queue.next(), urgent.length > 0 ? urgent.shift() : others.shift());
        else {
          queue.add(nth, { isUrgent: kind === 'urgent' });
          (kind === 'urgent' ? urgent : others).push(nth);
        }
        assert.equal(queue.length, urgent.length + others.length);
      }
    }),
    { numRuns: 30 },
  );
});
