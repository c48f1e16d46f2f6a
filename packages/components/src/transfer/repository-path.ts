/** Deeper and longer than any path that a repository has: `targets/components/ID/RELEASE/DIGEST.from-RELEASE`. */
const MAX_CHARACTERS = 400;
const PATH = /^[a-z0-9][a-z0-9._-]{0,127}(?:\/[a-z0-9][a-z0-9._-]{0,127}){0,7}$/u;

/**
 * True for the path of a file in a repository: one to eight names of 1 to 128 characters `a-z 0-9 . _ -`, the first a letter or a
 * digit, with `/` between them. So no name is `..` or hidden, nothing is escaped, and a path means the same in a URL, on a disk that
 * tells capitals apart and on one that does not.
 */
export function isRepositoryPath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_CHARACTERS && PATH.test(value);
}
