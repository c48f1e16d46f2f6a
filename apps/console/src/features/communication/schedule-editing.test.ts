import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlwaysWorking, describeSchedule } from '@holdfast/api';
import { blockBetween, isInBlock, moveCell, paintBlock, schedulePresets } from './schedule-editing.ts';

test('a block is the same whichever corner it was begun at', () => {
  const block = { firstDay: 1, lastDay: 3, from: 8, to: 13 };
  assert.deepEqual(blockBetween({ day: 1, quarter: 8 }, { day: 3, quarter: 12 }), block);
  assert.deepEqual(blockBetween({ day: 3, quarter: 8 }, { day: 1, quarter: 12 }), block);
  assert.equal(isInBlock(block, 2, 12), true);
  assert.equal(isInBlock(block, 2, 13), false);
  assert.equal(isInBlock(block, 0, 8), false);
});

test('painting makes the cells of a block idle and leaves the others', () => {
  const painted = paintBlock(createAlwaysWorking('UTC'), { firstDay: 5, lastDay: 6, from: 0, to: 96 }, false);
  assert.equal(describeSchedule(painted), 'Mon–Fri 00:00–24:00 (UTC)');
});

test('keys move by a quarter or an hour and stop at the edges', () => {
  const cell = { day: 0, quarter: 2 };
  assert.deepEqual(moveCell(cell, 'ArrowRight', false), { day: 0, quarter: 3 });
  assert.deepEqual(moveCell(cell, 'ArrowRight', true), { day: 0, quarter: 6 });
  assert.deepEqual(moveCell(cell, 'ArrowLeft', true), { day: 0, quarter: 0 });
  assert.deepEqual(moveCell(cell, 'ArrowUp', false), cell);
  assert.deepEqual(moveCell(cell, 'PageDown', false), { day: 6, quarter: 2 });
  assert.deepEqual(moveCell(cell, 'End', false), { day: 0, quarter: 95 });
  assert.equal(moveCell(cell, 'a', false), undefined);
});

test('the presets say what their names say', () => {
  const inUtc = (week: readonly string[]) => describeSchedule({ timeZone: 'UTC', week: [...week] });
  assert.equal(inUtc(schedulePresets.always), 'always working');
  assert.equal(inUtc(schedulePresets.office), 'Mon–Fri 07:00–19:00 (UTC)');
  assert.equal(inUtc(schedulePresets.nights), 'Mon–Fri 00:00–06:00, 18:00–24:00; Sat–Sun 00:00–24:00 (UTC)');
});
