import { AppError } from '@holdfast/kernel';

export const settingErrorStatus = {
  SETTING_TIMEOUT_TOO_SHORT: 422,
  SETTING_ADDRESS_INVALID: 422,
  SETTING_REVISION_STALE: 409,
} as const;

export type SettingErrorCode = keyof typeof settingErrorStatus;

/** Why settings were not changed. */
export class SettingError extends AppError<SettingErrorCode> {}
