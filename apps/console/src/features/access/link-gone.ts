import { ApiError } from '@holdfast/api';

/** Answers that say that a one-time link was used, has expired or never existed: another try is of no use. */
export function isLinkGone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 410 || error.status === 404 || error.status === 401 || error.code.includes('LINK');
}
