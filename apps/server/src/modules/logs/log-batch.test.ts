import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@holdfast/protocol';
import { parseLogBatch } from './log-batch.ts';

test('the text of an entry is one line that hides nothing', () => {
  const entry: LogEntry = {
    sequence: 1,
    at: 1,
    type: 'x',
    severity: 'info',
    text: 'done\nERROR\u0085all\u2029lost\u202e\ufeff',
  };
  const batch = parseLogBatch({ journal: '0192a1b2-0000-7000-8000-000000000000', entries: [entry] });
  assert.deepEqual(
    batch.map(({ text }) => text),
    ['done ERROR all lost\uFFFD\uFFFD'],
  );
});
