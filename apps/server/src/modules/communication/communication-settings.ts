import {
  communicationFields,
  type CommunicationSettings,
  type EffectiveCommunication,
  isTimeZone,
} from '@holdfast/api';
import type { DirectoryModule } from '../directory/index.ts';
import {
  createGroupSettings,
  defineGroupSettings,
  type GroupSettings,
  type GroupSettingsPlatform,
  type SettingsChange,
} from '../group-settings/index.ts';
import type { SettingsModule } from '../settings/index.ts';
import { CommunicationError } from './communication.errors.ts';
import { findTooShort, type TooShort } from './offline-timeout.ts';

/** What groups may say about communication. */
const definition = defineGroupSettings<EffectiveCommunication>({
  kind: 'communication',
  permissions: { read: 'directory:read', edit: 'directory:edit' },
  auditAction: 'communication.changed',
  fields: {
    heartbeatIntervalMs: { schema: communicationFields.heartbeatIntervalMs, title: 'heartbeat interval' },
    offlineTimeoutMs: { schema: communicationFields.offlineTimeoutMs, title: 'offline timeout' },
    schedule: { schema: communicationFields.schedule, title: 'schedule of working and idle hours' },
    mode: { schema: communicationFields.mode, title: 'mode' },
    transport: { schema: communicationFields.transport, title: 'transport' },
    listenerPort: { schema: communicationFields.listenerPort, title: 'listener port' },
  },
});

/** What holds where no group says anything. */
export function fallBackTo(server: CommunicationSettings): EffectiveCommunication {
  return {
    heartbeatIntervalMs: server.heartbeatIntervalMs,
    offlineTimeoutMs: server.offlineTimeoutMs,
    schedule: null,
    mode: 'automatic',
    transport: 'automatic',
    listenerPort: 0,
  };
}

export function createCommunicationSettings(needs: {
  readonly platform: GroupSettingsPlatform;
  readonly directory: Pick<DirectoryModule, 'findGroup' | 'holdGroups'>;
  readonly settings: Pick<SettingsModule, 'communicationSettings'>;
  /** Called after each change, when it is on disk. */
  readonly onChange: () => void;
}): GroupSettings<EffectiveCommunication> {
  const { settings, ...rest } = needs;
  return createGroupSettings({
    ...rest,
    definition,
    readFallback: () => fallBackTo(settings.communicationSettings()),
    assertAllowed,
    createChanged,
  });
}

function assertAllowed(change: SettingsChange<EffectiveCommunication>): void {
  const schedule = change.after.get(change.groupId)?.own.schedule;
  if (schedule != null && !isTimeZone(schedule.timeZone)) {
    throw new CommunicationError('TIME_ZONE_UNKNOWN', 'This server does not know this time zone.', {
      remedy: 'Choose a name of the IANA list, such as Europe/Berlin.',
    });
  }
  const tooShort = findTooShort(change);
  if (tooShort !== undefined) throw createTooShort(tooShort, change.groupId);
}

function createChanged(groupName: string): CommunicationError {
  return new CommunicationError(
    'COMMUNICATION_CHANGED',
    `The communication of "${groupName}" has been changed since you opened it.`,
    { retry: 'safe', remedy: 'Look at the present values and make your change again.' },
  );
}

function createTooShort(tooShort: TooShort, groupId: string): CommunicationError {
  const { group, heartbeatIntervalMs, offlineTimeoutMs } = tooShort;
  const shortestOfflineTimeoutMs = heartbeatIntervalMs * 3;
  // A group below the one that is changed is in the scope of whoever may change this one.
  const place = group.groupId === groupId ? 'this group' : `the group "${group.groupName}"`;
  return new CommunicationError(
    'COMMUNICATION_TIMEOUT_TOO_SHORT',
    `In ${place} the offline timeout (${offlineTimeoutMs / 1000} s) would be shorter than three heartbeat intervals (${shortestOfflineTimeoutMs / 1000} s).`,
    {
      facts: { shortestOfflineTimeoutMs, groupId: group.groupId },
      remedy: 'Choose a longer offline timeout or a shorter interval, here or in that group.',
    },
  );
}
