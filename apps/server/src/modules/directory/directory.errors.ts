import { AppError } from '@holdfast/kernel';

export const directoryErrorStatus = {
  GROUP_NOT_FOUND: 404,
  GROUP_NAME_TAKEN: 409,
  GROUP_NAME_IS_PATH: 422,
  GROUP_FIXED: 409,
  GROUP_CYCLE: 409,
  GROUP_TOO_DEEP: 409,
  GROUP_LIMIT_REACHED: 409,
  GROUP_CHANGED: 409,
  DIRECTORY_CHANGED: 409,
  DEVICE_NOT_FOUND: 404,
  PRODUCT_NOT_FOUND: 404,
  RECYCLED_ITEM_NOT_FOUND: 404,
  TAG_NOT_FOUND: 404,
} as const;

export type DirectoryErrorCode = keyof typeof directoryErrorStatus;

/** What the directory refuses. An object that the caller may not see is not found, as if it never existed. */
export class DirectoryError extends AppError<DirectoryErrorCode> {}

export function createGroupNotFound(): DirectoryError {
  return new DirectoryError('GROUP_NOT_FOUND', 'There is no such group.', {
    remedy: 'It may have been removed. Look in the recycle bin.',
  });
}

export function createDeviceNotFound(): DirectoryError {
  return new DirectoryError('DEVICE_NOT_FOUND', 'There is no such device.', {
    remedy: 'It may have been removed. Look in the recycle bin.',
  });
}

/** @param names empty where it was named by its id */
export function createTagNotFound(names: readonly string[]): DirectoryError {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  return new DirectoryError(
    'TAG_NOT_FOUND',
    names.length > 1
      ? `There are no tags ${quoted}.`
      : `There is no ${quoted === '' ? 'such tag' : `tag ${quoted}`}.`,
    { facts: { names }, remedy: 'It may have been renamed or removed. Choose one from the list of tags.' },
  );
}

export function createDirectoryChanged(): DirectoryError {
  return new DirectoryError('DIRECTORY_CHANGED', 'The directory has changed since the plan was shown.', {
    retry: 'safe',
    remedy: 'Look at the new plan and confirm it again.',
  });
}
