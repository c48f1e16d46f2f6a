import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type WebhookErrorCode =
  | 'WEBHOOK_NOT_FOUND'
  | 'WEBHOOK_CHANGED'
  | 'WEBHOOK_NAME_TAKEN'
  | 'WEBHOOK_LIMIT_REACHED'
  | 'WEBHOOK_URL_INVALID'
  | 'WEBHOOK_EVENT_UNKNOWN'
  | 'WEBHOOK_EVENT_NOT_ALLOWED'
  | 'WEBHOOK_DELIVERY_NOT_FOUND'
  | 'WEBHOOK_SENT_TOO_OFTEN';

/** Why a webhook is not as somebody wants it. */
export class WebhookError extends AppError<WebhookErrorCode> {
  readonly code: WebhookErrorCode;
  constructor(code: WebhookErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const webhookErrorStatus: Record<WebhookErrorCode, number> = {
  WEBHOOK_NOT_FOUND: 404,
  WEBHOOK_CHANGED: 409,
  WEBHOOK_NAME_TAKEN: 409,
  WEBHOOK_LIMIT_REACHED: 409,
  WEBHOOK_URL_INVALID: 422,
  WEBHOOK_EVENT_UNKNOWN: 422,
  WEBHOOK_EVENT_NOT_ALLOWED: 403,
  WEBHOOK_DELIVERY_NOT_FOUND: 404,
  WEBHOOK_SENT_TOO_OFTEN: 429,
};

export type WebhookSendErrorCode =
  | 'WEBHOOK_DESTINATION_REFUSED'
  | 'WEBHOOK_NOT_REACHED'
  | 'WEBHOOK_TIMED_OUT'
  | 'WEBHOOK_REFUSED_BY_RECEIVER'
  | 'WEBHOOK_REDIRECTED'
  | 'WEBHOOK_GONE';

/** Why a message was not delivered. It says nothing of what the receiver answered but its status. */
export class WebhookSendError extends AppError<WebhookSendErrorCode> {
  readonly code: WebhookSendErrorCode;
  /** Of the receiver's answer; null when there was none. */
  readonly status: number | null;
  constructor(
    code: WebhookSendErrorCode,
    message: string,
    options: AppErrorOptions & { readonly status?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status ?? null;
  }
}
