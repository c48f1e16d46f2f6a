import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanStage } from '@holdfast/api';
import { createStageDraft, draftStages, moveStage, readStages } from './plan-draft.ts';

const stages: PlanStage[] = [
  {
    groupId: '019aa000-0000-7000-8000-000000000001',
    delayMinutes: 30,
    startTime: null,
    successPercent: 80,
    failurePercent: null,
  },
  {
    groupId: '019aa000-0000-7000-8000-000000000002',
    delayMinutes: 0,
    startTime: '22:15',
    successPercent: 0,
    failurePercent: 0,
  },
];

test('what is opened and saved without a change is the same', () => {
  assert.deepEqual(readStages(draftStages(stages)), stages);
});

test('a stage that is not finished is no plan', () => {
  const [first, second] = draftStages(stages);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(readStages([]), undefined);
  assert.equal(readStages([first, createStageDraft(7)]), undefined);
  assert.equal(readStages([{ ...second, startTime: '24:00' }]), undefined);
  assert.equal(readStages(Array.from({ length: 21 }, () => first)), undefined);
});

test('the time of day that is not used is not sent', () => {
  const [first] = draftStages(stages);
  assert.ok(first !== undefined);
  assert.equal(readStages([{ ...first, startTime: 'nonsense' }])?.[0]?.startTime, null);
  assert.equal(readStages([{ ...first, begins: 'at' }])?.[0]?.delayMinutes, 0);
});

test('a stage changes places with its neighbour, and stays at the ends', () => {
  const drafts = draftStages(stages);
  const keys = (list: readonly { readonly key: number }[]): number[] => list.map(({ key }) => key);
  assert.deepEqual(keys(moveStage(drafts, 0, 1)), [1, 0]);
  assert.deepEqual(keys(moveStage(drafts, 0, -1)), [0, 1]);
  assert.deepEqual(keys(moveStage(drafts, 1, 1)), [0, 1]);
});
