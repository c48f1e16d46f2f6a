import { AppError } from '@holdfast/kernel';

export type BackupErrorCode =
  | 'BACKUP_NOT_FOUND'
  | 'BACKUP_NOT_READABLE'
  | 'BACKUP_NOT_A_BACKUP'
  | 'BACKUP_FORMAT_NEWER'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_PASSPHRASE_MISSING'
  | 'BACKUP_PASSPHRASE_WRONG'
  | 'BACKUP_PASSPHRASE_TOO_SHORT'
  | 'BACKUP_TARGET_EXISTS'
  | 'BACKUP_NOT_WRITABLE'
  | 'BACKUP_DISK_FULL'
  | 'BACKUP_DATABASE_EMPTY'
  | 'BACKUP_MIGRATION_RUNNING'
  | 'BACKUP_UNSUPPORTED'
  | 'RESTORE_TARGET_NOT_EMPTY'
  | 'RESTORE_BACKUP_NEWER'
  | 'RESTORE_FAILED';

/** A backup could not be made, trusted or brought back. */
export class BackupError extends AppError<BackupErrorCode> {}

const DAMAGED_REMEDY = 'Use another backup. Nothing was changed.';

export function createDamagedError(what: string, cause?: unknown): BackupError {
  return new BackupError('BACKUP_DAMAGED', `The backup is damaged: ${what}.`, {
    cause,
    remedy: DAMAGED_REMEDY,
  });
}
