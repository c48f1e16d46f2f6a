import { CommunicationSettings } from '@holdfast/api';
import { limits } from '@holdfast/protocol';
import { Check } from 'typebox/value';
import { SettingError } from './settings.errors.ts';

export { defaultCommunicationSettings as defaultCommunication } from '@holdfast/api';

/**
 * Two lost heartbeats must not make a device offline.
 *
 * @throws SettingError SETTING_TIMEOUT_TOO_SHORT
 */
export function assertCommunication(settings: CommunicationSettings): void {
  const shortestMs = settings.heartbeatIntervalMs * limits.minIntervalsPerOfflineTimeout;
  if (settings.offlineTimeoutMs >= shortestMs) return;
  throw new SettingError(
    'SETTING_TIMEOUT_TOO_SHORT',
    'The offline timeout is shorter than three heartbeat intervals.',
    {
      facts: { shortestOfflineTimeoutMs: shortestMs },
      remedy: `Choose an offline timeout of at least ${shortestMs / 1000} seconds, or a shorter heartbeat interval.`,
    },
  );
}

/** What the database holds; undefined when it is not what this version writes. */
export function parseCommunication(value: unknown): CommunicationSettings | undefined {
  if (!Check(CommunicationSettings, value)) return undefined;
  return value.offlineTimeoutMs >= value.heartbeatIntervalMs * limits.minIntervalsPerOfflineTimeout
    ? value
    : undefined;
}
