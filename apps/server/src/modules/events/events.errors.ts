import { AppError } from '@holdfast/kernel';

export const eventErrorStatus = { EVENT_STREAMS_EXHAUSTED: 429 } as const;

export type EventErrorCode = keyof typeof eventErrorStatus;

/** Why no stream of events was opened. */
export class EventError extends AppError<EventErrorCode> {}
