import type { CommandPlan } from '@holdfast/api';

/** What idle hours do to an order that is not urgent. */
export interface IdleWait {
  /** Devices that get it only when their working hours begin. */
  readonly waitingCount: number;
  /** When the last of these begins; undefined when none of them ever does. */
  readonly lastBeginMs: number | undefined;
  /** Of those that wait, devices whose working hours begin after it has expired, or never. */
  readonly lateCount: number;
  /** When the last of the late ones begins; undefined when none of them ever does. */
  readonly lastLateBeginMs: number | undefined;
}

export function judgeWaits(waits: CommandPlan['waits'], expiresAtMs: number): IdleWait {
  const begins = waits.map((wait) => ({
    devices: wait.devices,
    beginMs: wait.hoursBeginAt === null ? undefined : Date.parse(wait.hoursBeginAt),
  }));
  const late = begins.filter(({ beginMs }) => beginMs === undefined || beginMs >= expiresAtMs);
  return {
    waitingCount: countOf(begins),
    lastBeginMs: lastOf(begins),
    lateCount: countOf(late),
    lastLateBeginMs: lastOf(late),
  };
}

interface Begin {
  readonly devices: number;
  readonly beginMs: number | undefined;
}

function countOf(begins: readonly Begin[]): number {
  return begins.reduce((sum, { devices }) => sum + devices, 0);
}

function lastOf(begins: readonly Begin[]): number | undefined {
  return begins
    .map(({ beginMs }) => beginMs)
    .reduce((last, beginMs) => (beginMs === undefined ? last : Math.max(last ?? 0, beginMs)), undefined);
}
