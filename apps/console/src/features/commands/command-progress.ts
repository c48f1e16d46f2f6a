import type { CommandCounts, CommandTarget, CommandType } from '@holdfast/api';

export interface CommandProgressFacts {
  readonly total: number;
  /** Neither succeeded nor otherwise at an end. */
  readonly open: number;
  /** Of the open ones, those that can be called back before they begin. */
  readonly notBegun: number;
  /** Of the open ones, those that a device has, and nobody has asked it to end. */
  readonly begun: number;
  /** Of the open ones, those that a device was asked to end. */
  readonly cancelling: number;
  readonly isFinished: boolean;
}

export function progressOf(counts: CommandCounts): CommandProgressFacts {
  const notBegun = counts.queued + counts.delivered;
  const begun = counts.accepted + counts.running;
  const { cancelling, total } = counts;
  const open = notBegun + begun + cancelling;
  return { total, open, notBegun, begun, cancelling, isFinished: open === 0 };
}

/** Whether the device says at this moment how far it is. */
export function isTelling({ state, progress }: Pick<CommandTarget, 'state' | 'progress'>): boolean {
  return progress !== null && (state === 'running' || state === 'cancelling');
}

export type ProgressPart = 'succeeded' | 'failed' | 'stopped' | 'open';

/** Parts of a bar of 100, in the order in which they are drawn; none of them with nothing in it. */
export function barOf(
  counts: CommandCounts,
): readonly { part: ProgressPart; start: number; width: number }[] {
  if (counts.total === 0) return [];
  const parts: readonly (readonly [ProgressPart, number])[] = [
    ['succeeded', counts.succeeded],
    ['failed', counts.failed],
    ['stopped', counts.expired + counts.cancelled],
    ['open', counts.cancelling + counts.running + counts.accepted + counts.delivered],
  ];
  let start = 0;
  return parts.flatMap(([part, count]) => {
    const width = (count / counts.total) * 100;
    const here = start;
    start += width;
    return width === 0 ? [] : [{ part, start: here, width }];
  });
}

/** When a target was last heard of, RFC 3339; undefined before its first step. */
export function lastStepAt(target: CommandTarget): string | undefined {
  return target.steps.at(-1)?.at;
}

/** The type that a dialog offers first: the asked one where it exists. */
export function preferredType(
  types: readonly CommandType[],
  asked: string | undefined,
): CommandType | undefined {
  return types.find((type) => type.type === asked) ?? types[0];
}
