import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCallWindow, narrowWindow, widenWindow } from './call-window.ts';
import { LatencyHistogram } from './latency-histogram.ts';

test('a percentile lies within five per cent of the true one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (durations) => {
        const histogram = new LatencyHistogram();
        for (const durationMs of durations) histogram.record(durationMs);
        const sorted = [...durations].sort((left, right) => left - right);
        for (const share of [0.5, 0.95, 0.99]) {
          const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
          const found = histogram.quantile(share);
          assert.ok(found >= exact * 0.999 && found <= exact * 1.05, `${found} for ${exact}`);
        }
        histogram.clear();
        assert.deepEqual(histogram.percentiles(), { p50: 0, p95: 0, p99: 0 });
      },
    ),
  );
});

test('a window widens by one for each windowful of successes, halves once for refusals that came together, and stays in its bounds', () => {
  let window = createCallWindow(64);
  for (let call = 0; call < 10_000; call++) window = widenWindow(window);
  assert.equal(window.size, 64);
  window = narrowWindow(window, 1_000);
  window = narrowWindow(window, 1_100);
  assert.equal(window.size, 32);
  for (let step = 1; step < 20; step++) window = narrowWindow(window, 1_000 + 300 * step);
  assert.equal(window.size, 1);
});
