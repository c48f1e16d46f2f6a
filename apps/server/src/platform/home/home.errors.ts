import { AppError } from '@holdfast/kernel';

export type HomeErrorCode =
  | 'HOME_NOT_WRITABLE'
  | 'HOME_NOT_A_FOLDER'
  | 'HOME_DISK_FULL'
  | 'HOME_IN_USE'
  | 'KEYS_MISSING'
  | 'KEYS_INCOMPLETE'
  | 'KEYS_DAMAGED';

/** The folder that holds the state of the server cannot be used. */
export class HomeError extends AppError<HomeErrorCode> {}

/** What the system said about a file becomes what its reader can do about it; anything else stays as it is. */
export function wrapFileError(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new HomeError('HOME_DISK_FULL', `There is no space left to write "${file}".`, {
        cause: error,
        retry: 'safe',
        facts: { file },
        remedy: 'Free space on the file system that holds HOLDFAST_HOME, then start again.',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    // What the system says where nobody can make a folder.
    case 'ENOENT':
      return new HomeError('HOME_NOT_WRITABLE', `This user may not read or write "${file}".`, {
        cause: error,
        facts: { file },
        remedy:
          'Start the server as the user that owns HOLDFAST_HOME, or set HOLDFAST_HOME to another folder.',
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new HomeError(
        'HOME_NOT_A_FOLDER',
        `"${file}" is needed as a folder, and something else is there.`,
        {
          cause: error,
          facts: { file },
          remedy: 'Move that file away, or set HOLDFAST_HOME to another folder.',
        },
      );
    default:
      return error;
  }
}
