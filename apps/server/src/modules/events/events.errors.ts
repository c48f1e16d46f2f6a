import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type EventErrorCode = 'EVENT_STREAMS_EXHAUSTED';

/** Why no stream of events was opened. */
export class EventError extends AppError<EventErrorCode> {
  readonly code: EventErrorCode;
  constructor(code: EventErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const eventErrorStatus: Record<EventErrorCode, number> = { EVENT_STREAMS_EXHAUSTED: 429 };
