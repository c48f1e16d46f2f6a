import type { Command, CommandPlan } from '@holdfast/api';
import { formatDuration } from '../output/duration.ts';

/** What idle hours do to an order that is not urgent and expires at that time; nothing where no device waits. */
export function describeWaits(
  waits: CommandPlan['waits'],
  nowMs: number,
  expiresAtMs: number,
): readonly string[] {
  let onTimeCount = 0;
  let lastBeginMs = nowMs;
  let lateCount = 0;
  let neverCount = 0;
  for (const { hoursBeginAt, devices } of waits) {
    if (hoursBeginAt === null) {
      neverCount += devices;
      continue;
    }
    const beginMs = Date.parse(hoursBeginAt);
    if (beginMs >= expiresAtMs) {
      lateCount += devices;
    } else {
      onTimeCount += devices;
      lastBeginMs = Math.max(lastBeginMs, beginMs);
    }
  }
  const sentences: string[] = [];
  const lastIn = formatDuration(lastBeginMs - nowMs);
  if (onTimeCount === 1) {
    sentences.push(`1 device is in idle hours and gets it when its working hours begin, in ${lastIn}.`);
  } else if (onTimeCount > 1) {
    sentences.push(
      `${onTimeCount} devices are in idle hours and get it when their working hours begin, the last of them in ${lastIn}.`,
    );
  }
  if (lateCount > 0) {
    sentences.push(
      `${countDevices(lateCount)} in idle hours, and it expires before these end. Use a longer --expires, or --urgent.`,
    );
  }
  if (neverCount > 0) {
    sentences.push(`${countDevices(neverCount)} in idle hours that never end: only --urgent gets it there.`);
  }
  return sentences;
}

/** Who was meant and gets nothing, as the answer to the order says; `undefined` where everybody gets it. */
export function describeCancelledAtOnce({ id, counts }: Command): string | undefined {
  if (counts.cancelled === 0) return undefined;
  return `Cancelled at once on ${counts.cancelled} of ${counts.total}: not supported there, or disabled. \`holdfast commands show ${id}\` names them.`;
}

function countDevices(count: number): string {
  return count === 1 ? '1 device is' : `${count} devices are`;
}
