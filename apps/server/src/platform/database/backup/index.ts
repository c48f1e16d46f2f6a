/**
 * Backup and restore of a whole server in one file, without the tools of PostgreSQL: every row as of one
 * instant, the sequences and the keys.
 *
 * Promises: the running server is not disturbed; a backup has its name only after it was read again and
 * found sound; a restore checks all of the file before it changes anything, and brings back all or nothing.
 * It does not promise secrecy without a passphrase: such a file holds every key of the server in the clear.
 */
export { BackupError, type BackupErrorCode } from './backup.errors.ts';
export {
  type BackupProgress,
  type CreateBackupOptions,
  type CreatedBackup,
  createBackup,
} from './create-backup.ts';
export { MIN_PASSPHRASE_LENGTH } from './passphrase-key.ts';
export type { ReadBackupOptions } from './read-backup.ts';
export { type RestoreBackupOptions, restoreBackup } from './restore-backup.ts';
export { type VerifiedBackup, verifyBackup } from './verify-backup.ts';
