import { MAX_PLAN_STAGES, type PlanStage } from '@holdfast/api';

/** A stage while it is being written. */
export interface StageDraft {
  /** Tells drafts apart while they are moved. */
  readonly key: number;
  readonly groupId: string | undefined;
  readonly begins: 'after' | 'at';
  readonly delayMinutes: number;
  readonly startTime: string;
  readonly successPercent: number;
  /** Undefined: no failure stops it. */
  readonly failurePercent: number | undefined;
}

const timeOfDay = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

export function createStageDraft(key: number): StageDraft {
  return {
    key,
    groupId: undefined,
    begins: 'after',
    delayMinutes: 0,
    startTime: '02:00',
    successPercent: 90,
    failurePercent: 5,
  };
}

export function draftStages(stages: readonly PlanStage[]): readonly StageDraft[] {
  return stages.map(({ groupId, delayMinutes, startTime, successPercent, failurePercent }, key) => ({
    ...createStageDraft(key),
    groupId,
    begins: startTime === null ? 'after' : 'at',
    delayMinutes,
    ...(startTime === null ? {} : { startTime }),
    successPercent,
    failurePercent: failurePercent ?? undefined,
  }));
}

/** Undefined while something of it is missing. */
export function readStages(drafts: readonly StageDraft[]): PlanStage[] | undefined {
  if (drafts.length === 0 || drafts.length > MAX_PLAN_STAGES) return undefined;
  const stages = drafts.flatMap(({ groupId, begins, delayMinutes, startTime, ...rest }) => {
    const isAt = begins === 'at';
    if (groupId === undefined || (isAt && !timeOfDay.test(startTime))) return [];
    return [
      {
        groupId,
        delayMinutes: isAt ? 0 : delayMinutes,
        startTime: isAt ? startTime : null,
        successPercent: rest.successPercent,
        failurePercent: rest.failurePercent ?? null,
      },
    ];
  });
  return stages.length === drafts.length ? stages : undefined;
}

/** With one stage put a place further up or down. */
export function moveStage(drafts: readonly StageDraft[], index: number, by: -1 | 1): readonly StageDraft[] {
  const moved = drafts[index];
  const other = drafts[index + by];
  if (moved === undefined || other === undefined) return drafts;
  return drafts.map((draft, at) => (at === index ? other : at === index + by ? moved : draft));
}
