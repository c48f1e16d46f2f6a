import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import type { LogEntry } from '../messages/log.ts';
import { planLogBatch } from './log-batch.ts';

const entry = (sequence: number, more: Partial<LogEntry> = {}): LogEntry => ({
  sequence,
  at: 1_795_312_800_000,
  type: 'agent-started',
  severity: 'info',
  ...more,
});

test('no entries make no batch, and few small ones make one', () => {
  assert.deepEqual(planLogBatch([]), []);
  assert.equal(planLogBatch([entry(1), entry(2)]).length, 2);
});

test('a batch has at most 500 entries', () => {
  const entries = Array.from({ length: 501 }, (_, index) => entry(index + 1));
  assert.equal(planLogBatch(entries).length, limits.maxLogEntriesPerCall);
});

test('a batch of the largest entries stays within the body, and always moves on', () => {
  const large = { text: '\u20ac'.repeat(limits.maxLogTextCharacters), facts: { note: 'x'.repeat(8_000) } };
  const entries = Array.from({ length: 500 }, (_, index) => entry(index + 1, large));
  const batch = planLogBatch(entries);
  const bytesOf = (count: number): number =>
    Buffer.byteLength(
      JSON.stringify({ journal: '0194fdc2-fa2f-7cc0-81d3-ff12045b73d0', entries: entries.slice(0, count) }),
    );
  assert.ok(batch.length >= 1 && batch.length < 500);
  assert.ok(bytesOf(batch.length) <= limits.maxLogBodyBytes);
  assert.ok(bytesOf(batch.length + 1) > limits.maxLogBodyBytes);
  assert.equal(planLogBatch([entry(1, { text: 'x'.repeat(2_000_000) })]).length, 1);
});
