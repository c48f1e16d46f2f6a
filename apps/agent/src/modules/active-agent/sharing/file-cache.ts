import { mkdir, readdir, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type FileSource, fetchTarget } from '@holdfast/components/client';
import { createServedFolder, isRepositoryPath, type ServedFolder } from '@holdfast/components/transfer';
import type { Clock } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../../platform/log.ts';
import { wait } from '../../../platform/timers.ts';
import { Provision } from './lan-server.ts';

/** Files that are fetched from the server at once: each is fetched once, whoever asks for it. */
const MAX_FETCHES = 4;
/** A member waits so long for a file that is being fetched before it is told to come back: enough for an increment. */
const WAIT_MS = 2_500;
/** After a failure the server is not asked for that file for so long. */
const PAUSE_MS = 30_000;
const MAX_PAUSES = 1_000;
const BUSY_PAUSE_MS = 200;
/** One file is waited for so long by this very agent. */
const MAX_WAIT_MS = 86_400_000;
const MAX_METADATA_BYTES = 16 * 2 ** 20;

/** What signed metadata that this agent trusts say of a file. */
export interface VouchedFile {
  readonly length: number;
  readonly sha256: string;
}

export interface FileCacheOptions {
  /** Of the cache alone: what is in it and is not its own is removed. */
  readonly folder: string;
  readonly maxBytes: () => number;
  /** The server. */
  readonly source: FileSource;
  /** `undefined` for what no signed metadata name: nobody can have the server asked for it. */
  readonly findVouched: (path: string) => VouchedFile | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Files that an Active Agent serves: a bounded number of bytes, those that were asked for least recently give way. Only what was
 * verified is ever in a place from which it is served, and each file comes from the server once, however many members ask for it.
 */
export interface FileCache extends ServedFolder {
  /** What is on the disk is taken over from the process before. */
  open(path: string): ReturnType<ServedFolder['open']>;
  start(): Promise<void>;
  provide(path: string, signal: AbortSignal): Promise<Provision>;
  /** Takes the place of all metadata that were kept before. The caller has verified them. */
  keepMetadata(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  readonly usedBytes: number;
  stop(): Promise<void>;
}

interface Kept {
  readonly bytes: number;
  usedAtMs: number;
}

export function createFileCache(options: FileCacheOptions): FileCache {
  const { folder, findVouched, clock, log } = options;
  const served = createServedFolder(folder);
  const kept = new Map<string, Kept>();
  const fetches = new Map<string, Promise<void>>();
  const pauses = new Map<string, number>();
  const stopping = new AbortController();
  let usedBytes = 0;
  /** Bytes that fetches under way will need. */
  let comingBytes = 0;
  let metadata = new Set<string>();

  const pathOf = (path: string): string => join(folder, ...path.split('/'));

  const forget = async (path: string): Promise<void> => {
    usedBytes -= kept.get(path)?.bytes ?? 0;
    kept.delete(path);
    await rm(pathOf(path), { force: true });
  };

  /** Whether there would be room for that much more if everything gave way that can. */
  const canHaveRoom = (bytes: number): boolean => {
    let needed = comingBytes + bytes;
    for (const path of metadata) needed += kept.get(path)?.bytes ?? 0;
    return needed <= options.maxBytes();
  };

  /** Makes room for what is there and what is coming. @returns false where nothing can give way */
  const makeRoom = async (): Promise<boolean> => {
    const maxBytes = options.maxBytes();
    const oldestFirst = [...kept]
      .filter(([path]) => !metadata.has(path))
      .sort(([, one], [, other]) => one.usedAtMs - other.usedAtMs);
    for (const [path] of oldestFirst) {
      if (usedBytes + comingBytes <= maxBytes) break;
      if (kept.has(path)) await forget(path);
    }
    return usedBytes + comingBytes <= maxBytes;
  };

  const fetch = async (path: string, { length, sha256 }: VouchedFile): Promise<void> => {
    // Decided and taken before anything is awaited, so that no two take the same room.
    if (!canHaveRoom(length)) return refuse(path);
    comingBytes += length;
    const into = pathOf(path);
    try {
      if (!(await makeRoom())) return refuse(path);
      await fetchTarget({
        target: { path, length, sha256 },
        sources: [options.source],
        into: `${into}.unverified`,
        location: path,
        signal: stopping.signal,
      });
      await rename(`${into}.unverified`, into);
      kept.set(path, { bytes: length, usedAtMs: clock.now() });
      usedBytes += length;
    } catch (error) {
      if (stopping.signal.aborted) return;
      // Nobody counts what has come so far.
      for (const end of ['unverified.partial', 'unverified'])
        await rm(`${into}.${end}`, { force: true }).catch(() => undefined);
      log.info(codeOf(error), `A file for members did not come: ${describeError(error)}`, { path });
      pause(path);
    } finally {
      comingBytes -= length;
    }
  };

  const refuse = (path: string): void => {
    log.debug('LAN_CACHE_FULL', 'A file is larger than what may be kept for members.', { path });
    pause(path);
  };

  const pause = (path: string): void => {
    if (pauses.size >= MAX_PAUSES) pauses.clear();
    pauses.set(path, clock.monotonic() + PAUSE_MS);
  };

  return {
    get usedBytes() {
      return usedBytes;
    },
    start: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const path of await listFiles(folder)) {
        const vouched = findVouched(path);
        const { size, mtimeMs } = await stat(pathOf(path));
        if (vouched?.length === size) {
          kept.set(path, { bytes: size, usedAtMs: mtimeMs });
          usedBytes += size;
        } else await rm(pathOf(path), { force: true });
      }
      await makeRoom();
    },
    open: async (path) => {
      const one = kept.get(path);
      if (one === undefined) return undefined;
      const file = await served.open(path);
      if (file === undefined || file.sizeBytes !== one.bytes) {
        await file?.handle.close();
        await forget(path);
        return undefined;
      }
      one.usedAtMs = clock.now();
      // So that the next process knows the order too; a disk that is full forgets it.
      await utimes(pathOf(path), one.usedAtMs / 1_000, one.usedAtMs / 1_000).catch(() => undefined);
      return file;
    },
    provide: async (path, signal) => {
      if (kept.has(path)) return Provision.here;
      const vouched = isRepositoryPath(path) ? findVouched(path) : undefined;
      if (vouched === undefined || stopping.signal.aborted) return Provision.unknown;
      let fetching = fetches.get(path);
      if (fetching === undefined) {
        if (clock.monotonic() < (pauses.get(path) ?? Number.NEGATIVE_INFINITY)) return Provision.unknown;
        if (fetches.size >= MAX_FETCHES) return Provision.coming;
        fetching = fetch(path, vouched).finally(() => fetches.delete(path));
        fetches.set(path, fetching);
      }
      await settlesOrEnds(fetching, signal);
      if (kept.has(path)) return Provision.here;
      return fetches.has(path) ? Provision.coming : Provision.unknown;
    },
    keepMetadata: async (files) => {
      const before = metadata;
      metadata = new Set(files.keys());
      for (const [path, bytes] of files) {
        if (!isRepositoryPath(path) || bytes.length > MAX_METADATA_BYTES) {
          throw new RangeError(`"files" expected metadata of a repository, got ${bytes.length} bytes`);
        }
        await mkdir(dirname(pathOf(path)), { recursive: true });
        await writeFile(`${pathOf(path)}.unverified`, bytes);
        await rename(`${pathOf(path)}.unverified`, pathOf(path));
        usedBytes += bytes.length - (kept.get(path)?.bytes ?? 0);
        kept.set(path, { bytes: bytes.length, usedAtMs: clock.now() });
      }
      // Behind the new ones: whoever has read the former timestamp still finds what it names until there is another.
      for (const path of before) if (!files.has(path)) await forget(path);
      await makeRoom();
    },
    stop: async () => {
      stopping.abort(new Error('The agent stops.'));
      await Promise.allSettled(fetches.values());
    },
  };
}

/** The cache as a source for this very agent, which waits as long as it takes. */
export function createCacheSource(cache: Pick<FileCache, 'provide' | 'open'>): FileSource {
  return {
    name: 'the cache for members',
    // A file is there as a whole or not at all; the server, from which it comes, is held to its pace.
    pace: { windowMs: MAX_WAIT_MS, leastBytes: 1 },
    open: async (path, { from, signal }) => {
      for (;;) {
        signal.throwIfAborted();
        const provision = await cache.provide(path, signal);
        if (provision === Provision.unknown) return undefined;
        // Each look waits for some seconds by itself; where too many files are on their way it does not.
        if (provision === Provision.here) break;
        await wait(BUSY_PAUSE_MS, signal);
      }
      const file = await cache.open(path);
      return file?.handle.createReadStream({ start: from });
    },
  };
}

/** Waits for a fetch for a moment, or as long as somebody is there who waits. */
async function settlesOrEnds(fetching: Promise<void>, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
  if (limit.aborted) return;
  await Promise.race([
    fetching,
    new Promise<void>((resolve) => limit.addEventListener('abort', () => resolve(), { once: true })),
  ]);
}

/** Regular files, as paths of a repository; empty folders are removed on the way. */
async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await rmdir(full).catch(() => undefined);
    else files.push(relative(root, full).split(sep).join('/'));
  }
  return files;
}
