import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentRollout, RolloutStage } from '@holdfast/api';
import { isUnfinished, stageSharesOf, stageStateOf, stoppingStageOf } from './rollout-progress.ts';

const nowMs = Date.parse('2026-12-01T12:00:00.000Z');
const stage: RolloutStage = {
  groupId: '019aa000-0000-7000-8000-000000000001',
  groupName: 'Kiosks',
  dueAt: '2026-12-01T11:00:00.000Z',
  begunAt: '2026-12-01T11:00:00.000Z',
  passedAt: null,
  successPercent: 90,
  failurePercent: 10,
  devices: 20,
  updated: 5,
  failed: 2,
};
const rollout: ComponentRollout = {
  id: '019aa000-0000-7000-8000-000000000002',
  componentId: 'malware-patterns',
  componentTitle: 'Malware patterns',
  release: 9,
  planName: 'Careful',
  state: 'stopped',
  startedAt: '2026-12-01T10:00:00.000Z',
  endedAt: null,
  stages: [stage],
};

test('a stage is where its times say', () => {
  assert.equal(stageStateOf({ ...stage, passedAt: stage.begunAt }, nowMs), 'passed');
  assert.equal(stageStateOf(stage, nowMs), 'begun');
  assert.equal(stageStateOf({ ...stage, begunAt: null }, nowMs), 'waiting');
  assert.equal(
    stageStateOf({ ...stage, begunAt: null, dueAt: '2026-12-01T13:00:00.000Z' }, nowMs),
    'planned',
  );
});

test('a rollout stopped where more failed than its stage bears', () => {
  const failing = { ...stage, groupName: 'Lab', failed: 3 };
  assert.equal(stoppingStageOf(rollout), undefined);
  assert.equal(stoppingStageOf({ ...rollout, stages: [stage, failing] }), failing);
  assert.equal(stoppingStageOf({ ...rollout, state: 'running', stages: [failing] }), undefined);
  assert.equal(stoppingStageOf({ ...rollout, stages: [{ ...failing, failurePercent: null }] }), undefined);
  assert.equal(stoppingStageOf({ ...rollout, stages: [{ ...failing, begunAt: null }] }), undefined);
});

test('no device of a stage is drawn twice', () => {
  assert.deepEqual(stageSharesOf(stage), { updated: 5, failed: 2, rest: 13 });
  assert.deepEqual(stageSharesOf({ ...stage, updated: 19, failed: 4 }), { updated: 19, failed: 1, rest: 0 });
});

test('only what runs or has stopped can be decided about', () => {
  assert.deepEqual(
    (['running', 'stopped', 'done', 'replaced'] as const).map((state) => isUnfinished({ ...rollout, state })),
    [true, true, false, false],
  );
});
