import { AppError, hasCode } from '@holdfast/kernel';
import { findSystemErrorCode } from './system-error.ts';

export type AgentStateErrorCode =
  | 'STATE_FOLDER_UNUSABLE'
  | 'STATE_FOLDER_UNSAFE'
  | 'STATE_DAMAGED'
  | 'STATE_FROM_NEWER_VERSION'
  | 'STATE_DISK_FULL'
  /** Another process does not let it be read. */
  | 'STATE_HELD'
  | 'KEY_DAMAGED'
  | 'AGENT_ALREADY_RUNNING';

/** Something is wrong with what the agent keeps on disk. Nothing of it was changed or deleted. */
export class AgentStateError extends AppError<AgentStateErrorCode> {}

/** No room, no quota, a disk that fails, a volume that was set to read-only because it does. */
const DISK_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

/** A failure of the disk as such, with the file that could not be written; any other value as it is. */
export function toStateError(error: unknown, path: string): unknown {
  return DISK_CODES.has(findSystemErrorCode(error) ?? '') ? createDiskFullError(path, error) : error;
}

export function createDiskFullError(path: string, cause: unknown): AgentStateError {
  return new AgentStateError('STATE_DISK_FULL', `${path} cannot be written: the disk is full or failing.`, {
    cause,
    retry: 'safe',
    remedy: 'Free some space on the volume of the state folder and check the disk.',
    facts: { file: path },
  });
}

/**
 * Writes what the agent can do without. False when the disk has no room for it, which is told by who looks after the disk; every
 * other failure is thrown.
 */
export function keepIfThereIsRoom(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!hasCode(error, 'STATE_DISK_FULL')) throw error;
    return false;
  }
}
