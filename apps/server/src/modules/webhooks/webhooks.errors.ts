import { maxWebhooks } from '@holdfast/api';
import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export const webhookErrorStatus = {
  WEBHOOK_NOT_FOUND: 404,
  WEBHOOK_CHANGED: 409,
  WEBHOOK_NAME_TAKEN: 409,
  WEBHOOK_LIMIT_REACHED: 409,
  WEBHOOK_URL_INVALID: 422,
  WEBHOOK_EVENT_UNKNOWN: 422,
  WEBHOOK_EVENT_NOT_ALLOWED: 403,
  WEBHOOK_DELIVERY_NOT_FOUND: 404,
  WEBHOOK_SENT_TOO_OFTEN: 429,
} as const;

export type WebhookErrorCode = keyof typeof webhookErrorStatus;

/** Why a webhook is not as somebody wants it. */
export class WebhookError extends AppError<WebhookErrorCode> {}

export type WebhookSendErrorCode =
  | 'WEBHOOK_DESTINATION_REFUSED'
  | 'WEBHOOK_NOT_REACHED'
  | 'WEBHOOK_TIMED_OUT'
  | 'WEBHOOK_REFUSED_BY_RECEIVER'
  | 'WEBHOOK_REDIRECTED'
  | 'WEBHOOK_GONE';

/** Why a message was not delivered. It says nothing of what the receiver answered but its status. */
export class WebhookSendError extends AppError<WebhookSendErrorCode> {
  /** Of the receiver's answer; null when there was none. */
  readonly status: number | null;
  constructor(
    code: WebhookSendErrorCode,
    message: string,
    options: AppErrorOptions & { readonly status?: number } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? null;
  }
}

export function createLapsed(name: string): WebhookError {
  return new WebhookError(
    'WEBHOOK_EVENT_NOT_ALLOWED',
    `Whoever chose the events of "${name}" may not read all of them any more.`,
    { remedy: 'Save the webhook first: then its events are your choice. You need to be able to read them.' },
  );
}

export function createNotFound(): WebhookError {
  return new WebhookError('WEBHOOK_NOT_FOUND', 'There is no such webhook.', {
    remedy: 'It may have been removed meanwhile.',
  });
}

export function createChanged(name: string): WebhookError {
  return new WebhookError('WEBHOOK_CHANGED', `The webhook "${name}" has been changed since you opened it.`, {
    retry: 'safe',
    remedy: 'Look at it again and make your change again.',
  });
}

export function createLimitReached(): WebhookError {
  return new WebhookError('WEBHOOK_LIMIT_REACHED', `There are ${maxWebhooks} webhooks already.`, {
    facts: { limit: maxWebhooks },
    remedy: 'Remove one that is not needed, or let one receiver pass events on.',
  });
}

export function createMessageGone(): WebhookError {
  return new WebhookError('WEBHOOK_DELIVERY_NOT_FOUND', 'There is no such message any more.', {
    remedy: 'Only the last hundred messages of a webhook are kept.',
  });
}

export function createSentTooOften(waitMs: number): WebhookError {
  return new WebhookError('WEBHOOK_SENT_TOO_OFTEN', 'Too much was sent to this receiver by hand.', {
    retry: 'safe',
    facts: { retryAfterMs: waitMs },
    remedy: 'Wait a moment. What the webhook sends by itself goes on.',
  });
}

export function createEventUnknown(event: string): WebhookError {
  return new WebhookError('WEBHOOK_EVENT_UNKNOWN', `This server tells no event "${event}".`, {
    facts: { event },
    remedy: 'Choose from the list of event types, or all whose names begin alike, such as "device.*".',
  });
}
