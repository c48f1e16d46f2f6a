import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlwaysWorking } from '@holdfast/api';
import { createHistory, recordChange, redoChange, undoChange } from './schedule-history.ts';

const [first, second, third] = ['UTC', 'Europe/Berlin', 'Asia/Tokyo'].map(createAlwaysWorking) as [
  ReturnType<typeof createAlwaysWorking>,
  ReturnType<typeof createAlwaysWorking>,
  ReturnType<typeof createAlwaysWorking>,
];

test('changes are taken back one by one and done again in their order', () => {
  const changed = recordChange(recordChange(createHistory(first), second), third);
  const back = undoChange(undoChange(changed));
  assert.equal(back.present, first);
  assert.equal(redoChange(back).present, second);
  assert.deepEqual(redoChange(redoChange(back)), changed);
});

test('where there is nothing to take back or to do again, nothing happens', () => {
  const history = createHistory(first);
  assert.equal(undoChange(history), history);
  assert.equal(redoChange(history), history);
});

test('a new change ends what could have been done again', () => {
  const changed = recordChange(undoChange(recordChange(createHistory(first), second)), third);
  assert.equal(redoChange(changed).present, third);
  assert.equal(undoChange(changed).present, first);
});

test('a history does not grow without end', () => {
  let history = createHistory(first);
  for (let step = 0; step < 1_000; step += 1) history = recordChange(history, second);
  assert.equal(history.past.length, 200);
});
