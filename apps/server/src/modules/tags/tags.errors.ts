import { MAX_TAGS, MAX_TAGS_OF_DEVICE } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';

export const tagErrorStatus = {
  TAG_NAME_TAKEN: 409,
  TAG_CHANGED: 409,
  TAG_LIMIT_REACHED: 409,
  TAG_CHANGE_CONTRADICTORY: 422,
  TAG_CHANGE_TOO_LARGE: 422,
  TAG_CHANGE_NOT_FOUND: 404,
  TAG_PLAN_MISSING: 422,
  DEVICE_TAGS_FULL: 409,
} as const;

export type TagErrorCode = keyof typeof tagErrorStatus;

/** What is refused of tags. A tag that is not there is the directory's `TAG_NOT_FOUND`. */
export class TagError extends AppError<TagErrorCode> {}

export function createNameTaken(name: string): TagError {
  return new TagError('TAG_NAME_TAKEN', `There is a tag "${name}" already.`, {
    remedy: 'Choose another name; capitals make no difference.',
  });
}

export function createTagLimitReached(): TagError {
  return new TagError('TAG_LIMIT_REACHED', `There are ${MAX_TAGS} tags, and no more are possible.`, {
    facts: { limit: MAX_TAGS },
    remedy: 'Remove tags that no device needs.',
  });
}

export function createDeviceTagsFull(deviceCount: number): TagError {
  const devices = deviceCount === 1 ? 'A device' : `${deviceCount} devices`;
  return new TagError(
    'DEVICE_TAGS_FULL',
    `${devices} would have more than ${MAX_TAGS_OF_DEVICE} tags. Nothing was changed.`,
    {
      facts: { limit: MAX_TAGS_OF_DEVICE, deviceCount },
      remedy: 'Take tags off first. A tag that was removed counts for a day, while it can be restored.',
    },
  );
}

export function createTagChangeNotFound(): TagError {
  return new TagError('TAG_CHANGE_NOT_FOUND', 'There is no such change of tags to take back.', {
    remedy: 'It may have been taken back already, or be older than a day. Change the tags by hand.',
  });
}
