import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where set-up reads and writes, all of it inside one clone. Tests make a place of their own, so nothing
 * here depends on the current folder.
 */
export function createPlace(root) {
  const runtime = join(root, '.runtime');
  return {
    root,
    runtime,
    /** The pinned Node.js: every script, test and server of this clone runs on this very file. */
    runtimePackage: join(runtime, 'package'),
    node: join(runtime, 'package', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
    lock: join(runtime, 'setup.lock'),
    stamps: join(runtime, 'stamps'),
    modules: join(root, 'node_modules'),
    consoleRelease: join(root, 'apps', 'console', 'dist'),
    programs: join(runtime, 'programs'),
    testPrograms: join(root, '.cache', 'programs'),
    agentRelease: join(root, 'apps', 'agent', 'dist', 'agent.mjs'),
  };
}

/** The clone that this file belongs to. */
export const here = createPlace(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
