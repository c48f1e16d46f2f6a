import { AppError } from '@holdfast/kernel';

export type TransferErrorCode =
  | 'REPOSITORY_PATH_INVALID'
  | 'SOURCE_ANSWER_INVALID'
  | 'SOURCE_BROKE_OFF'
  | 'SOURCE_BUSY'
  | 'SOURCE_CERTIFICATE_INVALID'
  | 'SOURCE_FILE_CHANGED'
  | 'SOURCE_REDIRECTED'
  | 'SOURCE_REFUSED'
  | 'SOURCE_TOO_LONG'
  | 'SOURCE_TOO_SLOW'
  | 'SOURCE_UNREACHABLE';

/** Why a file did not come. `retry: 'safe'` where the same source may have it a moment later. */
export class TransferError extends AppError<TransferErrorCode> {}
