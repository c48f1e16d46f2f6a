import { AppError } from '@holdfast/kernel';

export const groupSettingsErrorStatus = {
  GROUP_SETTING_INVALID: 422,
  GROUP_SETTING_LOCKED: 422,
  GROUP_SETTING_LOCK_EMPTY: 422,
} as const;

export type GroupSettingsErrorCode = keyof typeof groupSettingsErrorStatus;

/** Why settings of a group were not changed. */
export class GroupSettingsError extends AppError<GroupSettingsErrorCode> {}
