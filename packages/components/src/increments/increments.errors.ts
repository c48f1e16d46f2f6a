import { AppError } from '@holdfast/kernel';

export type IncrementErrorCode =
  /** No increment, cut short, changed on its way, or one that yields other bytes than it promises. */
  | 'INCREMENT_DAMAGED'
  /** Of a newer version of the format, or in an encoding that this program does not know. */
  | 'INCREMENT_UNSUPPORTED'
  /** It starts from another file than the one that is here. */
  | 'INCREMENT_BASE_WRONG'
  /** It promises another length than the signed one. */
  | 'INCREMENT_LENGTH_WRONG'
  /** The result would replace the file from which it is made. */
  | 'INCREMENT_IN_PLACE'
  /** A file cannot be read or written: a missing one, a full disk. */
  | 'INCREMENT_FILE_FAILED';

/** Why an increment was not made or not applied. Whoever applies falls back to the full file on every code but the last. */
export class IncrementError extends AppError<IncrementErrorCode> {}

/** @param reason which check failed, for the log */
export function damagedIncrement(reason: string, cause?: unknown): IncrementError {
  return new IncrementError('INCREMENT_DAMAGED', 'The increment is damaged.', {
    facts: { reason },
    remedy: 'Download it again, or download the full file.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** An error of the system about a file (`ENOSPC`, `ENOENT`) as an {@link IncrementError}; everything else as it is. */
export function describeFileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  return new IncrementError('INCREMENT_FILE_FAILED', 'A file cannot be read or written.', {
    facts: { reason: String(error.code) },
    remedy: 'Make sure that the files are there, and that there is room on the disk.',
    retry: 'safe',
    cause: error,
  });
}
