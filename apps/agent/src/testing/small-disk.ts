import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually } from './eventually.ts';
import { createTemporaryFolder } from '../platform/test-folder.ts';

export interface SmallDisk {
  /** Process in whose mounts it is. */
  readonly mountsOf: number;
  /** Path there. */
  readonly path: string;
  /** The same folder, for this process. */
  readonly outside: string;
  /** Leaves not a byte. */
  fill(): void;
  free(): void;
}

/** Why there can be none on this computer; false when there can. */
export function whyNoSmallDisk(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const script = 'mount -t tmpfs tmpfs /mnt';
  const isPossible = spawnSync('unshare', ['--mount', 'sh', '-c', script]).status === 0;
  return isPossible ? false : 'nothing can be mounted here';
}

/** A real file system of a few MiB, which only processes in these mounts see and which is gone with the test. */
export async function createSmallDisk(t: TestContext, mebibytes: number): Promise<SmallDisk> {
  const path = createTemporaryFolder(t);
  const script = `mount -t tmpfs -o size=${mebibytes}m,mode=700 tmpfs "$1" && touch "$1/mounted" && exec sleep infinity`;
  const keeper = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', path], {
    stdio: 'ignore',
  });
  const over = once(keeper, 'exit');
  t.after(async () => {
    keeper.kill('SIGKILL');
    await over;
  });
  const mountsOf = keeper.pid ?? 0;
  const outside = join('/proc', String(mountsOf), 'root', path);
  await eventually('the small disk', () => existsSync(join(outside, 'mounted')));
  rmSync(join(outside, 'mounted'));
  const filler = join(outside, 'filler');
  return {
    mountsOf,
    path,
    outside,
    fill: () => {
      const descriptor = openSync(filler, 'a');
      try {
        for (let size = 65_536; size >= 1; ) {
          try {
            writeSync(descriptor, Buffer.alloc(size));
          } catch {
            // That much does not fit any more.
            size = Math.floor(size / 2);
          }
        }
      } finally {
        closeSync(descriptor);
      }
    },
    free: () => rmSync(filler),
  };
}
