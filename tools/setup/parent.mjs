import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/** The shell that started us and the npm that started the shell. */
function readAncestors() {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // Not Linux, or gone: the nearest one is enough to know.
    return String(parent);
  }
}

/**
 * Under npm a shell stands between npm and us, and it dies of a signal without passing it on. So when
 * npm started us and one of the two is gone, somebody told npm to stop, and that means us.
 */
export function onNpmGone(callback, env = process.env) {
  if (env.npm_lifecycle_event === undefined) return;
  const ancestors = readAncestors();
  const timer = setInterval(() => {
    if (readAncestors() === ancestors) return;
    clearInterval(timer);
    callback();
  }, LOOK_EVERY_MS);
  timer.unref();
}
