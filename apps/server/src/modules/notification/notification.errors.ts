import { AppError } from '@holdfast/kernel';
import { mcpProblemStatus } from '@holdfast/protocol';

export const notificationErrorStatus = {
  NOTIFICATIONS_FULL: mcpProblemStatus.NOTIFICATIONS_FULL,
} as const;

export type NotificationErrorCode = keyof typeof notificationErrorStatus;

export class NotificationError extends AppError<NotificationErrorCode> {}
