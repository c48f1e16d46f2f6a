import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type SettingErrorCode =
  | 'SETTING_TIMEOUT_TOO_SHORT'
  | 'SETTING_ADDRESS_INVALID'
  | 'SETTING_REVISION_STALE';

/** Why settings were not changed. */
export class SettingError extends AppError<SettingErrorCode> {
  readonly code: SettingErrorCode;
  constructor(code: SettingErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const settingErrorStatus: Record<SettingErrorCode, number> = {
  SETTING_TIMEOUT_TOO_SHORT: 422,
  SETTING_ADDRESS_INVALID: 422,
  SETTING_REVISION_STALE: 409,
};
