import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findSystemErrorCode, isMissing } from '../../platform/system-error.ts';
import { ServiceError } from './service.errors.ts';

const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;

/**
 * What root runs may lie only where nobody else can exchange it: a folder, all that it lies in, and all that links on the way lead
 * to, as far as they are there.
 *
 * @throws ServiceError SERVICE_FOLDER_UNSAFE
 */
export function assertSafeWay(path: string): void {
  for (let way = resolve(path); ; way = dirname(way)) {
    const link = ifThere(() => lstatSync(way));
    if (link?.isSymbolicLink() === true) {
      const target = ifThere(() => statSync(way));
      // A link that leads nowhere may lead somewhere later, as may one in a circle.
      if (target === undefined) throw unsafe(way);
      assertSafeWay(resolve(realpathSync(dirname(way)), readlinkSync(way)));
      assertSole(way, target);
    } else if (link !== undefined) assertSole(way, link);
    if (way === dirname(way)) return;
  }
}

function assertSole(path: string, { uid, mode }: Stats): void {
  const isOwn = uid === 0 || uid === process.getuid?.();
  // Where others may write, the sticky bit keeps them from exchanging what is not theirs.
  if (!isOwn || ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)) throw unsafe(path);
}

function unsafe(path: string): ServiceError {
  return new ServiceError(
    'SERVICE_FOLDER_UNSAFE',
    `The folder ${path} is not root's alone: somebody else could exchange the agent, which runs as root.`,
    {
      remedy:
        'Choose a folder with --prefix that only root can write to, with all that it lies in; or, to try it as yourself, run it without sudo.',
      facts: { folder: path },
    },
  );
}

function ifThere(look: () => Stats): Stats | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error) || findSystemErrorCode(error) === 'ELOOP') return undefined;
    throw error;
  }
}
