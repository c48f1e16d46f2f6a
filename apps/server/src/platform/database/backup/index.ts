/**
 * Backup and restore of a whole server in one file, without the tools of PostgreSQL: every row as of one
 * instant, the sequences and the keys.
 *
 * Promises: the running server is not disturbed; a backup has its name only after it was read again and
 * found sound; a restore checks all of the file before it changes anything, and brings back all or nothing.
 * It does not promise secrecy without a passphrase: such a file holds every key of the server in the clear.
 */
export { type BackupProgress, createBackup } from './create-backup.ts';
export { restoreBackup } from './restore-backup.ts';
export { verifyBackup } from './verify-backup.ts';
