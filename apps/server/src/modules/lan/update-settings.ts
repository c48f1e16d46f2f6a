import { type EffectiveUpdateSettings, updateFields } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';
import type { DirectoryModule } from '../directory/index.ts';
import {
  createGroupSettings,
  defineGroupSettings,
  type GroupSettings,
  type GroupSettingsPlatform,
} from '../group-settings/index.ts';

export const updateSettingsErrorStatus = { UPDATE_SETTINGS_CHANGED: 409 } as const;

export class UpdateSettingsError extends AppError<keyof typeof updateSettingsErrorStatus> {}

const definition = defineGroupSettings<EffectiveUpdateSettings>({
  kind: 'updates',
  permissions: { read: 'directory:read', edit: 'directory:edit' },
  auditAction: 'update-settings.changed',
  fields: {
    windowMinutes: { schema: updateFields.windowMinutes, title: 'window over which updates are spread' },
    activeAgent: { schema: updateFields.activeAgent, title: 'choice of the Active Agent' },
    maxUploads: { schema: updateFields.maxUploads, title: 'number of uploads at a time' },
    uploadKilobytesPerSecond: {
      schema: updateFields.uploadKilobytesPerSecond,
      title: 'rate of uploads',
    },
    cacheMegabytes: { schema: updateFields.cacheMegabytes, title: 'room for what is kept for others' },
  },
});

/** Where no group says anything: a quarter of an hour, and whoever is fit for it. */
const fallback: EffectiveUpdateSettings = {
  windowMinutes: 15,
  activeAgent: 'automatic',
  maxUploads: 5,
  uploadKilobytesPerSecond: 0,
  cacheMegabytes: 2_000,
};

export function createUpdateSettings(needs: {
  readonly platform: GroupSettingsPlatform;
  readonly directory: Pick<DirectoryModule, 'findGroup' | 'holdGroups'>;
  /** Called after each change, when it is on disk. */
  readonly onChange: () => void;
}): GroupSettings<EffectiveUpdateSettings> {
  return createGroupSettings({
    ...needs,
    definition,
    readFallback: () => fallback,
    assertAllowed: () => undefined,
    createChanged: (groupName) =>
      new UpdateSettingsError(
        'UPDATE_SETTINGS_CHANGED',
        `The updates of "${groupName}" have been changed since you opened them.`,
        { retry: 'safe', remedy: 'Look at the present values and make your change again.' },
      ),
  });
}
