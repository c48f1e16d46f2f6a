import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlwaysWorking, describeSchedule } from '@holdfast/api';
import {
  blockBetween,
  cellFromPoint,
  isInBlock,
  moveCell,
  paintBlock,
  schedulePresets,
} from './schedule-editing.ts';

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

test('a point is the cell that it lies in', () => {
  const area = { left: 100, top: 50, right: 1060, bottom: 120 };
  assert.deepEqual(cellFromPoint(area, 100, 50), { day: 0, quarter: 0 });
  assert.deepEqual(cellFromPoint(area, 109.9, 59.9), { day: 0, quarter: 0 });
  assert.deepEqual(cellFromPoint(area, 110, 60), { day: 1, quarter: 1 });
  assert.deepEqual(cellFromPoint(area, 1059, 119), { day: 6, quarter: 95 });
});

test('a stroke that leaves the week ends at its edge', () => {
  const area = { left: 100, top: 50, right: 1060, bottom: 120 };
  const start = cellFromPoint(area, 825, 75);
  assert.deepEqual(blockBetween(start, cellFromPoint(area, 4_000, 75)), {
    firstDay: 2,
    lastDay: 2,
    from: 72,
    to: 96,
  });
  assert.deepEqual(cellFromPoint(area, 1060, 120), { day: 6, quarter: 95 });
  assert.deepEqual(cellFromPoint(area, -30, -1), { day: 0, quarter: 0 });
  assert.deepEqual(cellFromPoint(area, 500, 900), { day: 6, quarter: 40 });
});

test('where nothing is laid out, every point is the first cell', () => {
  const nowhere = { left: 0, top: 0, right: 0, bottom: 0 };
  assert.deepEqual(cellFromPoint(nowhere, 12, 12), { day: 0, quarter: 0 });
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
