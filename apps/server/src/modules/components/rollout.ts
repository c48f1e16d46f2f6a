/** One stage of a release's way, and how far it has come. Times in milliseconds since the Unix epoch. */
export interface StageOfRollout {
  readonly groupId: string;
  readonly dueAtMs: number;
  /** The next stage waits until so many of the devices have the release. */
  readonly successPercent: number;
  /** More failures than these stop everything; null: none do. */
  readonly failurePercent: number | null;
  readonly begunAtMs: number | null;
  readonly passedAtMs: number | null;
  readonly toleratedFailures: number;
}

export interface Rollout {
  readonly state: 'running' | 'stopped' | 'done' | 'replaced';
  /** In the order of the plan. */
  readonly stages: readonly StageOfRollout[];
}

/** Devices of a stage's group that have the component at all. */
export interface StageCounts {
  readonly devices: number;
  /** With the release, or a newer one. */
  readonly updated: number;
  /** Whose last attempt at this release failed. */
  readonly failed: number;
}

/**
 * What becomes of a rollout at this moment. Stages begin in their order: each when its time has come and all before it have
 * passed. A stage passes when enough devices have the release. Too many failures in any stage that has begun stop it before
 * anything else is decided, and a stopped one does nothing until somebody lets it go on. Pure; the same again changes nothing.
 *
 * @param counts one for each stage
 */
export function stepRollout(
  rollout: Rollout,
  { nowMs, counts }: { readonly nowMs: number; readonly counts: readonly StageCounts[] },
): Rollout {
  if (rollout.state !== 'running') return rollout;
  if (rollout.stages.some((stage, index) => hasFailed(stage, counts[index])))
    return { ...rollout, state: 'stopped' };
  const stages: StageOfRollout[] = [];
  let mayBegin = true;
  for (const [index, before] of rollout.stages.entries()) {
    const isDue: boolean = mayBegin && nowMs >= before.dueAtMs;
    const begunAtMs: number | null = before.begunAtMs ?? (isDue ? nowMs : null);
    const isPassed: boolean = begunAtMs !== null && isEnough(before, counts[index]);
    const passedAtMs: number | null = before.passedAtMs ?? (isPassed ? nowMs : null);
    stages.push({ ...before, begunAtMs, passedAtMs });
    mayBegin &&= passedAtMs !== null;
  }
  return { state: mayBegin ? 'done' : 'running', stages };
}

/** Goes on in spite of what has failed so far. */
export function resumeRollout(rollout: Rollout, counts: readonly StageCounts[]): Rollout {
  if (rollout.state !== 'stopped') return rollout;
  return {
    state: 'running',
    stages: rollout.stages.map((stage, index) => ({
      ...stage,
      toleratedFailures: counts[index]?.failed ?? 0,
    })),
  };
}

function hasFailed(
  { begunAtMs, failurePercent, toleratedFailures }: StageOfRollout,
  counts: StageCounts | undefined,
): boolean {
  if (begunAtMs === null || failurePercent === null || counts === undefined) return false;
  const failures = counts.failed - toleratedFailures;
  return failures > 0 && failures * 100 > failurePercent * counts.devices;
}

/** A group without such devices holds nobody up. */
function isEnough({ successPercent }: StageOfRollout, counts: StageCounts | undefined): boolean {
  return counts === undefined || counts.updated * 100 >= successPercent * counts.devices;
}
