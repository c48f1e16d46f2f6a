import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type GroupSettingsErrorCode =
  | 'GROUP_SETTING_INVALID'
  | 'GROUP_SETTING_LOCKED'
  | 'GROUP_SETTING_LOCK_EMPTY';

/** Why settings of a group were not changed. */
export class GroupSettingsError extends AppError<GroupSettingsErrorCode> {
  readonly code: GroupSettingsErrorCode;

  constructor(code: GroupSettingsErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const groupSettingsErrorStatus: Record<GroupSettingsErrorCode, number> = {
  GROUP_SETTING_INVALID: 422,
  GROUP_SETTING_LOCKED: 422,
  GROUP_SETTING_LOCK_EMPTY: 422,
};
