import { chmodSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { ComponentRelease, SignedFile, SignedIncrement } from '@holdfast/components';
import { fetchTarget, type FileSource, type TargetFetch } from '@holdfast/components/client';
import { applyIncrement } from '@holdfast/components/increments';
import { AppError, hasCode } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import { renameDurably, syncFile } from '../../platform/durable-file.ts';
import { type ComponentFiles, isFileOf } from './component-files.ts';
import { UpdateError } from './update.errors.ts';

/** What stays free on the volume, whatever is fetched: for the state of the agent, and for everybody else. */
const LEFT_FREE_BYTES = 67_108_864;
const MEBIBYTE = 1_048_576;
/** The file, and once more what it becomes: a copy in another place, or what is unpacked of it. */
const COPIES = 2;

export interface ReleaseDownloadOptions {
  readonly files: ComponentFiles;
  readonly home: string;
  readonly log: Log;
  /** Of the volume of the state folder. */
  readonly readFreeBytes?: (path: string) => Promise<number>;
  readonly pace?: TargetFetch['pace'];
}

export interface WantedRelease {
  readonly release: ComponentRelease;
  /** The release whose file is held, from which an increment may lead to the wanted one. */
  readonly held: number | undefined;
  /** Asked in this order. */
  readonly sources: readonly FileSource[];
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
}

/**
 * Brings the full file of a release to its place in the state folder, by the way with the fewest bytes: what is there already, an
 * increment, the full file. What comes is verified before it has that name.
 *
 * @throws UpdateError COMPONENT_NO_ROOM, COMPONENT_FILE_UNVERIFIED; ComponentError; the reason of the signal
 */
export type ReleaseDownload = (wanted: WantedRelease) => Promise<void>;

export function createReleaseDownload(options: ReleaseDownloadOptions): ReleaseDownload {
  const { files, home, log, readFreeBytes = readFree, pace } = options;

  const fetch = async (wanted: WantedRelease, target: SignedFile, into: string): Promise<void> => {
    const { sources, signal, onProgress } = wanted;
    await fetchTarget({
      target,
      sources,
      into,
      signal,
      onProgress: ({ bytes, length }) => onProgress(length === 0 ? 1 : bytes / length),
      ...(pace === undefined ? {} : { pace }),
    });
  };

  const byIncrement = async (wanted: WantedRelease, increment: SignedIncrement): Promise<void> => {
    const { release, signal } = wanted;
    const { id } = release.component;
    const incrementFile = files.incrementPath(id, release.release, increment.from);
    const into = files.unverifiedPath(id, release.release);
    try {
      await fetch(wanted, increment, incrementFile);
      await applyIncrement({
        oldFile: files.heldPath(id, increment.from),
        incrementFile,
        into,
        expectedLength: release.full.length,
        signal,
      });
      if (!(await isFileOf(into, release.full, signal))) throw createUnverifiedError();
      keep(into, files.heldPath(id, release.release));
    } finally {
      rmSync(into, { force: true });
      // One that is half fetched is gone on with; one that led nowhere is of no use.
      rmSync(incrementFile, { force: true });
    }
  };

  const assertRoom = async (release: ComponentRelease): Promise<void> => {
    const neededBytes = release.full.length * COPIES + LEFT_FREE_BYTES;
    const freeBytes = await readFreeBytes(home);
    // Where the system does not tell it is tried, and a full disk is told by what fails.
    if (!(freeBytes < neededBytes)) return;
    const [needed, free] = [neededBytes, freeBytes].map((bytes) => Math.ceil(bytes / MEBIBYTE));
    throw new UpdateError('COMPONENT_NO_ROOM', `It needs ${needed} MiB, and ${free} MiB are free.`, {
      remedy: 'Free some space on the volume of the state folder.',
      retry: 'safe',
    });
  };

  return async (wanted) => {
    const { release, held, signal } = wanted;
    const { id } = release.component;
    files.folderOf(id);
    const path = files.heldPath(id, release.release);
    if (await isFileOf(path, release.full, signal)) return;
    await assertRoom(release);
    const increment =
      held !== undefined && files.isHeld(id, held)
        ? release.increments.find(({ from }) => from === held)
        : undefined;
    if (increment !== undefined) {
      try {
        return await byIncrement(wanted, increment);
      } catch (error) {
        signal.throwIfAborted();
        if (hasCode(error, 'TARGET_DISK_FULL') || !(error instanceof AppError)) throw error;
        log.info('INCREMENT_NOT_USED', `The full file is fetched. ${describeError(error)}`, {
          component: id,
          reason: codeOf(error),
        });
      }
    }
    await fetch(wanted, release.full, path);
    chmodSync(path, 0o644);
    syncFile(path);
  };
}

/** Readable for everybody, as it is a link to this file that others find in its place. */
function keep(from: string, to: string): void {
  chmodSync(from, 0o644);
  syncFile(from);
  renameDurably(from, to);
}

function createUnverifiedError(): UpdateError {
  return new UpdateError('COMPONENT_FILE_UNVERIFIED', 'What the increment yields is not what was signed.', {
    remedy: 'The full file is fetched instead.',
  });
}

async function readFree(path: string): Promise<number> {
  const { bsize, bavail } = await statfs(path);
  return bsize * bavail;
}
