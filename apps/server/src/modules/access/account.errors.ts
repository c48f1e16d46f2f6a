import { AppError } from '@holdfast/kernel';
import type { Actor } from '../../platform/access/actor.ts';

export const accountErrorStatus = {
  ONE_TIME_LINK_INVALID: 404,
  ONE_TIME_LINK_EXPIRED: 410,
  ONE_TIME_LINK_USED: 410,
  SETUP_ALREADY_DONE: 409,
  PASSWORD_TOO_WEAK: 422,
  NEW_PASSWORD_TOO_LONG: 422,
  CURRENT_PASSWORD_WRONG: 422,
  SIGN_IN_REFUSED: 401,
  SIGN_IN_THROTTLED: 429,
  SIGN_IN_BUSY: 503,
  SESSION_NEEDED: 403,
  ADMINISTRATOR_NAME_TAKEN: 409,
  ADMINISTRATOR_NOT_RECOVERABLE: 409,
  ADMINISTRATOR_ROLE_EXCEEDS_OWN: 403,
  LAST_ENTERPRISE_ADMINISTRATOR: 409,
  GRANT_GROUP_UNKNOWN: 422,
  GRANT_LIMIT_REACHED: 409,
  ROLE_NOT_FOUND: 404,
  ROLE_NAME_TAKEN: 409,
  ROLE_BUILT_IN: 409,
  ROLE_CHANGED: 409,
  ROLE_LIMIT_REACHED: 409,
  API_KEY_PERMISSION_EXCEEDED: 403,
  API_KEY_LIFETIME_EXCEEDED: 403,
  API_KEY_LIMIT_REACHED: 409,
  API_KEY_DESCENT_TOO_LONG: 409,
  API_KEY_SCOPE_UNSUITABLE: 422,
  API_KEY_GROUP_UNKNOWN: 422,
} as const;

export type AccountErrorCode = keyof typeof accountErrorStatus;

/** What can go wrong with accounts, their passwords, sessions, grants, roles, keys and one-time links. */
export class AccountError extends AppError<AccountErrorCode> {}

/**
 * Rights that a key for a time hands out would outlive it: no time ends an account, a grant or a role.
 *
 * @throws AccountError SESSION_NEEDED for API keys that expire
 */
export function refuseKeyForTime(actor: Actor): void {
  if (actor.kind !== 'api-key' || !actor.isForTime) return;
  throw new AccountError(
    'SESSION_NEEDED',
    'An API key that expires invites and enables nobody, gives no role and makes or changes none: what it hands out would outlive it.',
    {
      remedy:
        'Sign in to the console and do it there, or use a key without an end. A key may take rights away.',
    },
  );
}

export function createRoleNotFound(): AccountError {
  return new AccountError('ROLE_NOT_FOUND', 'There is no such role.', {
    remedy: 'It may have been deleted. Look at the list of roles.',
  });
}
