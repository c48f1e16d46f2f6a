import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
/** In such a folder only the owner of an entry can put another in its place. */
const STICKY = 0o1000;
const ROOT = 0;

/**
 * The real path of a program that nobody can put another in the place of, but root and `ownUserId`: it and all folders above it belong to
 * one of the two, and nobody else may write there. `undefined`: there is none, or somebody could. With the real path in hand no link
 * between counts any more. Without an `ownUserId`, as on Windows, the modes say nothing, and every program that is there is taken.
 */
export function findGuardedProgram(path: string, ownUserId = process.getuid?.()): string | undefined {
  try {
    const program = realpathSync(path);
    if (!statSync(program).isFile()) return undefined;
    return ownUserId === undefined || isGuarded(program, ownUserId) ? program : undefined;
  } catch {
    // Not there, or nothing that this account may look at.
    return undefined;
  }
}

function isGuarded(path: string, ownUserId: number): boolean {
  const stats = statSync(path);
  if (stats.uid !== ROOT && stats.uid !== ownUserId) return false;
  const isSticky = stats.isDirectory() && (stats.mode & STICKY) !== 0;
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0 && !isSticky) return false;
  const folder = dirname(path);
  return folder === path || isGuarded(folder, ownUserId);
}
