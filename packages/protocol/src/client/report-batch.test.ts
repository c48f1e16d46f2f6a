import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import type { CommandReport } from '../messages/command.ts';
import { planReportBatch } from './report-batch.ts';

const report = (characters: number): CommandReport => ({
  commandId: '0194fdc2-fa2f-7cc0-81d3-ff12045b73c8',
  state: 'succeeded',
  at: 1,
  result: { text: 'x'.repeat(characters) },
});

test('no reports make no batch, and few small ones make one', () => {
  assert.deepEqual(planReportBatch([]), []);
  assert.equal(planReportBatch([report(1), report(1)]).length, 2);
});

test('a batch has at most 50 reports', () => {
  assert.equal(planReportBatch(Array.from({ length: 51 }, () => report(1))).length, limits.maxReportsPerCall);
});

test('a batch of the largest results stays within the body, and always moves on', () => {
  const reports = Array.from({ length: 50 }, () => report(limits.maxCommandResultBytes));
  const batch = planReportBatch(reports);
  assert(batch.length >= 1 && batch.length < 50);
  assert(Buffer.byteLength(JSON.stringify({ reports: batch })) <= limits.maxReportsBodyBytes);
  assert(
    Buffer.byteLength(JSON.stringify({ reports: reports.slice(0, batch.length + 1) })) >
      limits.maxReportsBodyBytes,
  );
  assert.equal(planReportBatch([report(2_000_000)]).length, 1);
});
