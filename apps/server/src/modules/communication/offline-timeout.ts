import type { EffectiveCommunication } from '@holdfast/api';
import { limits } from '@holdfast/protocol';
import { type GroupSayings, inherit, type SettingsChange } from '../group-settings/index.ts';

/** A place at which the offline timeout would be shorter than three intervals. */
export interface TooShort {
  readonly group: GroupSayings<EffectiveCommunication>;
  readonly heartbeatIntervalMs: number;
  readonly offlineTimeoutMs: number;
}

/**
 * The first place, from the changed group down, at which the change makes silence count as offline before three heartbeats could have
 * come. Places that were so before are left alone: a change elsewhere must not be held up by them, and presence counts three
 * intervals there anyhow. Only places that say something can differ from the place above them, so no others are looked at.
 */
export function findTooShort({
  groupId,
  before,
  after,
  fallback,
}: SettingsChange<EffectiveCommunication>): TooShort | undefined {
  const concerned = [...after.values()]
    .filter(({ path }) => path.includes(groupId))
    .sort((left, right) => left.path.length - right.path.length);
  for (const group of concerned) {
    const now = inherit(group.path, after, fallback).effective;
    const was = inherit(group.path, before, fallback).effective;
    if (missingMs(now) > Math.max(0, missingMs(was))) return { group, ...now };
  }
  return undefined;
}

/** By how much the timeout is shorter than three intervals; negative when it is longer. */
function missingMs({ heartbeatIntervalMs, offlineTimeoutMs }: EffectiveCommunication): number {
  return heartbeatIntervalMs * limits.minIntervalsPerOfflineTimeout - offlineTimeoutMs;
}
