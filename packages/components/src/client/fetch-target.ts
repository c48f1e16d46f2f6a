import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { isMissing, syncFolder } from '../disk.ts';
import { type HashName, hashNames, type Hashes } from '../metadata/index.ts';
import { targetFilePath } from '../repository-path.ts';
import type { FileSource, Pace } from './file-source.ts';
import { defaultPace, receive } from './receive.ts';

/** What verified metadata say of a file. */
export interface WantedFile extends Hashes {
  readonly path: string;
  readonly length: number;
}

export interface TargetFetch {
  readonly target: WantedFile;
  /** Tried in this order. */
  readonly sources: readonly FileSource[];
  /** The verified file. Beside it, with `.partial`, lies what has come so far. */
  readonly into: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: {
    readonly bytes: number;
    readonly length: number;
    readonly source: string;
  }) => void;
  readonly pace?: Pace;
  /** Where the file lies at a source, when it does not lie under its hash. */
  readonly location?: string;
}

export interface FetchedTarget {
  /** The name of the source that the last byte came from; `undefined` when the file was there already. */
  readonly source: string | undefined;
  /** Bytes that came in this call. */
  readonly receivedBytes: number;
}

/**
 * Fetches a file that metadata vouch for, going on with what an earlier call left. Bytes that prove wrong are thrown away and
 * the next source is asked; a source that breaks off or is slow leaves what it gave to the next one. No more than the signed
 * length is ever taken.
 *
 * @throws ComponentError TARGET_WRONG, TARGET_MISSING, TARGET_DISK_FULL, SOURCE_…: that of the last source, when none had it
 */
export async function fetchTarget(fetch: TargetFetch): Promise<FetchedTarget> {
  const { target, sources, into, signal } = fetch;
  if (hashNames.every((name) => target[name] === undefined))
    throw new ComponentError('TARGET_WRONG', 'There is no hash by which the file could be verified.');
  if (await isRightFile(into, target)) return { source: undefined, receivedBytes: 0 };
  await mkdir(path.dirname(into), { recursive: true });
  const partial = `${into}.partial`;
  let receivedBytes = 0;
  const count = (bytes: number): void => void (receivedBytes += bytes);
  let failure = new ComponentError('TARGET_MISSING', 'There is no source to fetch the file from.');
  for (const source of sources) {
    // What an earlier source left may be what is wrong: then this one is asked once more, for all of it.
    for (const isResumed of [true, false]) {
      if (!isResumed) await onDisk(() => rm(partial, { force: true }));
      try {
        const startedAt = await fetchFrom(source, partial, fetch, count);
        await keep(partial, into);
        return { source: startedAt < target.length ? source.name : undefined, receivedBytes };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ComponentError) || error.code === 'TARGET_DISK_FULL') throw error;
        failure = error;
        const wasResumed = error.code === 'TARGET_WRONG' && error.facts['resumed'] === true;
        if (error.code === 'TARGET_WRONG') await onDisk(() => rm(partial, { force: true }));
        if (!wasResumed) break;
      }
    }
  }
  throw failure;
}

/** Fills the partial file from a source, and verifies it. Returns from where on it was asked. */
async function fetchFrom(
  source: FileSource,
  partial: string,
  { target, signal, onProgress, pace = defaultPace, location }: TargetFetch,
  count: (bytes: number) => void,
): Promise<number> {
  const handle = await onDisk(() => open(partial, 'a+', 0o600));
  try {
    const hashes = createHashes(target);
    const from = await resume(handle, target, hashes);
    let bytes = from;
    const tell = (): void => onProgress?.({ bytes, length: target.length, source: source.name });
    tell();
    if (from < target.length || target.length === 0) {
      const outcome = await receive(
        source,
        location ?? targetFilePath(target.path, target.sha256 ?? target.sha512),
        { from, limit: target.length - from, pace, signal },
        async (piece) => {
          await onDisk(() => handle.writeFile(piece));
          for (const hash of hashes.values()) hash.update(piece);
          bytes += piece.length;
          count(piece.length);
          tell();
        },
      );
      if (outcome === 'missing')
        throw new ComponentError('TARGET_MISSING', `${source.name} does not have the file.`, {
          retry: 'safe',
        });
      if (outcome === 'too-long') throw wrong(source, from, 'is longer than was signed for');
      if (bytes < target.length) {
        throw new ComponentError('SOURCE_UNREACHABLE', `${source.name} ended before the file did.`, {
          retry: 'safe',
        });
      }
    }
    for (const [name, hash] of hashes) {
      if (hash.digest('hex') !== target[name]) throw wrong(source, from, 'is not what was signed for');
    }
    await onDisk(() => handle.sync());
    return from;
  } finally {
    await handle.close();
  }
}

/** Goes on after what is there, if that can be a beginning of the file; the hashes know it then. */
async function resume(
  handle: FileHandle,
  target: WantedFile,
  hashes: ReadonlyMap<HashName, Hash>,
): Promise<number> {
  const { size } = await handle.stat();
  if (size > target.length) {
    await handle.truncate(0);
    return 0;
  }
  if (size > 0) {
    const stream = handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
    for await (const piece of stream) for (const hash of hashes.values()) hash.update(piece as Buffer);
  }
  return size;
}

async function keep(partial: string, into: string): Promise<void> {
  await onDisk(() => rename(partial, into));
  await syncFolder(path.dirname(into));
}

async function isRightFile(file: string, target: WantedFile): Promise<boolean> {
  try {
    if ((await stat(file)).size !== target.length) return false;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  const hashes = createHashes(target);
  for await (const piece of createReadStream(file))
    for (const hash of hashes.values()) hash.update(piece as Buffer);
  return [...hashes].every(([name, hash]) => hash.digest('hex') === target[name]);
}

function createHashes(target: WantedFile): ReadonlyMap<HashName, Hash> {
  return new Map(
    hashNames.filter((name) => target[name] !== undefined).map((name) => [name, createHash(name)]),
  );
}

function wrong(source: FileSource, from: number, what: string): ComponentError {
  return new ComponentError('TARGET_WRONG', `What ${source.name} sends ${what}.`, {
    facts: { source: source.name, resumed: from > 0 },
  });
}

async function onDisk<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code !== 'ENOSPC' &&
      (error as NodeJS.ErrnoException).code !== 'EDQUOT'
    )
      throw error;
    throw new ComponentError('TARGET_DISK_FULL', 'There is no space left for the file.', {
      cause: error,
      retry: 'safe',
      remedy: 'Free space on the disk. What has come so far is kept.',
    });
  }
}
