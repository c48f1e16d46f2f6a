import type { ComponentRollout, RolloutStage } from '@holdfast/api';

/** Where a stage is: its turn is over, it is on, its time has come and those before it are not over, or its time has not come. */
export type StageState = 'passed' | 'begun' | 'waiting' | 'planned';

export function stageStateOf({ passedAt, begunAt, dueAt }: RolloutStage, nowMs: number): StageState {
  if (passedAt !== null) return 'passed';
  if (begunAt !== null) return 'begun';
  return Date.parse(dueAt) <= nowMs ? 'waiting' : 'planned';
}

/** The stage at which a rollout stopped by itself; undefined where none tells it any more. */
export function stoppingStageOf({ state, stages }: ComponentRollout): RolloutStage | undefined {
  if (state !== 'stopped') return undefined;
  return stages.find(
    ({ begunAt, failurePercent, failed, devices }) =>
      begunAt !== null && failurePercent !== null && failed > 0 && failed * 100 > failurePercent * devices,
  );
}

/** Somebody can still decide about it. */
export function isUnfinished({ state }: ComponentRollout): boolean {
  return state === 'running' || state === 'stopped';
}

/** Each device of a stage once: one that failed has not got the release, or has it in spite of that. */
export function stageSharesOf({ devices, updated, failed }: RolloutStage): {
  readonly updated: number;
  readonly failed: number;
  readonly rest: number;
} {
  const shownFailed = Math.min(failed, Math.max(0, devices - updated));
  return { updated, failed: shownFailed, rest: Math.max(0, devices - updated - shownFailed) };
}
