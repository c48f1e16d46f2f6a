import { AppError, type AppErrorOptions } from '@holdfast/kernel';
import { mcpProblemStatus } from '@holdfast/protocol';

export type NotificationErrorCode = 'NOTIFICATIONS_FULL';

export class NotificationError extends AppError<NotificationErrorCode> {
  readonly code: NotificationErrorCode;

  constructor(code: NotificationErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const notificationErrorStatus: Record<NotificationErrorCode, number> = {
  NOTIFICATIONS_FULL: mcpProblemStatus.NOTIFICATIONS_FULL,
};
