import { MAX_NOTES_OF_DEVICE } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';

export const noteErrorStatus = {
  NOTE_NOT_FOUND: 404,
  NOTE_CHANGED: 409,
  NOTE_LIMIT_REACHED: 409,
} as const;

export type NoteErrorCode = keyof typeof noteErrorStatus;

export class NoteError extends AppError<NoteErrorCode> {}

export function createNoteNotFound(): NoteError {
  return new NoteError('NOTE_NOT_FOUND', 'There is no such note.', {
    remedy: 'It may have been removed. What it said stands in the audit log.',
  });
}

export function createNoteLimitReached(): NoteError {
  return new NoteError('NOTE_LIMIT_REACHED', `A device has ${MAX_NOTES_OF_DEVICE} notes at most.`, {
    facts: { limit: MAX_NOTES_OF_DEVICE },
    remedy: 'Remove notes that nobody needs. A removed note counts for a day, while it can be restored.',
  });
}
