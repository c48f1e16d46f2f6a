import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeProgress, type StoredProgress } from './command-progress.ts';

const known: StoredProgress = { percent: 40, text: 'Reading', atMs: 1_000 };

test('what is further or newer takes the place of what is known', () => {
  assert.deepEqual(mergeProgress(null, {}, 5), { percent: null, text: '', atMs: 5 });
  assert.deepEqual(mergeProgress(known, { percent: 50, text: 'Writing' }, 2_000), {
    percent: 50,
    text: 'Writing',
    atMs: 2_000,
  });
  assert.deepEqual(mergeProgress(known, { percent: 40, text: 'Writing' }, 2_000)?.text, 'Writing');
  assert.deepEqual(mergeProgress(known, { text: 'Waiting for the disk' }, 2_000), {
    percent: 40,
    text: 'Waiting for the disk',
    atMs: 2_000,
  });
  assert.equal(
    mergeProgress(known, { percent: 60, text: 'Later' }, 900)?.percent,
    60,
    'the clock of the product was set back',
  );
});

test('what is behind or older changes nothing, and so does a repetition', () => {
  assert.equal(mergeProgress(known, { percent: 39, text: 'Back' }, 2_000), known);
  assert.equal(mergeProgress(known, { percent: 40, text: 'Older' }, 999), known);
  assert.equal(mergeProgress(known, { text: 'Older' }, 999), known);
  assert.equal(mergeProgress(known, { percent: 40, text: 'Reading' }, 2_000), known);
});

test('what a product tells is one line that steers nothing', () => {
  const text = 'a\u001b[2J\n\u202eb\ud800';
  assert.equal(mergeProgress(null, { text }, 5)?.text, 'a\uFFFD[2J\uFFFD\uFFFDb\uFFFD');
});

test('whatever a product tells in whatever order, the percentage never goes back and stays one', () => {
  const told = fc.record(
    { percent: fc.integer({ min: 0, max: 100 }), text: fc.string({ maxLength: 300 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(told, fc.nat(10_000))), (tellings) => {
      let now: StoredProgress | null = null;
      for (const [progress, atMs] of tellings) {
        const next = mergeProgress(now, progress, atMs);
        assert.ok((next?.percent ?? -1) >= (now?.percent ?? -1));
        assert.ok((next?.atMs ?? 0) >= (now?.atMs ?? 0));
        assert.ok((next?.text ?? '').length <= 200);
        now = next;
      }
    }),
  );
});
