import { ServiceError } from './service.errors.ts';

// Blanks, quotes, percent and dollar signs mean something in a unit file or to a shell; no path of ours needs them.
const PLAIN_PATH = /^\/[A-Za-z0-9._/-]*$/u;

/** @throws ServiceError SERVICE_PATH_UNUSABLE */
export function assertPlainPath(path: string): void {
  if (PLAIN_PATH.test(path) && !path.includes('/../')) return;
  throw new ServiceError('SERVICE_PATH_UNUSABLE', `The path ${path} cannot be used in a service.`, {
    remedy: 'Use an absolute path of letters, digits, dots, hyphens and underscores.',
    facts: { path },
  });
}
