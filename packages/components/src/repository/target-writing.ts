import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { type Disk, isMissing } from '../disk.ts';
import { formatIncrementCustom, formatReleaseCustom, type ReleaseCustom } from '../release-custom.ts';
import type { JsonObject } from '../metadata/index.ts';
import { targetFilePath } from '../repository-path.ts';
import { formatTargetPath, parseTargetPath, type TargetArea } from '../target-path.ts';
import { fileIn } from './repository-folder.ts';

/** Makes the difference of two files; see `@holdfast/components/increments`. */
export type MakeIncrement = (files: {
  readonly oldFile: string;
  readonly newFile: string;
  readonly into: string;
}) => Promise<{ readonly encoding: string; readonly length: number }>;

/** From how many earlier releases there is a way straight to the newest. */
export const keptReleases = 14;

export interface NewRelease {
  readonly area: TargetArea;
  readonly custom: ReleaseCustom;
  /** The full file, wherever it lies. */
  readonly file: string;
  /** Without it there are full files only. */
  readonly makeIncrement: MakeIncrement | undefined;
  readonly onProgress: ((step: { readonly done: number; readonly all: number }) => void) | undefined;
}

interface HashedFile {
  readonly length: number;
  readonly sha256: string;
}

/**
 * Lays the files of a release in their places, where nobody asks for them yet, and returns what targets metadata say after it:
 * its full file, increments to it from the releases that are kept, no other increments of the component, and no release
 * older than those.
 *
 * @throws ComponentError COMPONENT_INVALID, RELEASE_NOT_NEWER, REPOSITORY_DAMAGED
 */
export async function writeRelease(
  folder: string,
  disk: Disk,
  targets: JsonObject,
  { area, custom, file, makeIncrement, onProgress }: NewRelease,
): Promise<JsonObject> {
  const { id } = custom.component;
  const entries = Object.entries(targets).map(([name, entry]) => ({
    name,
    entry,
    at: parseTargetPath(name),
  }));
  const own = entries.filter(({ at }) => at?.area === area && at.component === id);
  const releases = own.flatMap(({ at, entry }) =>
    at?.from === undefined && at !== undefined ? [{ release: at.release, entry: entry as JsonObject }] : [],
  );
  releases.sort((left, right) => right.release - left.release);
  const newest = releases[0]?.release ?? 0;
  if (!(custom.release > newest)) {
    throw new ComponentError('RELEASE_NOT_NEWER', `Release ${newest} of ${id} is there already.`, {
      remedy: `Take ${newest + 1} or more.`,
      facts: { newest },
    });
  }
  const kept = releases.slice(0, keptReleases);
  const all = 1 + (makeIncrement === undefined ? 0 : kept.length);
  const pathOf = (release: number, from: number | undefined): string =>
    formatTargetPath({ area, component: id, release, from });

  const full = await importFile(folder, disk, file, pathOf(custom.release, undefined));
  onProgress?.({ done: 1, all });
  const added: [string, JsonObject][] = [
    [pathOf(custom.release, undefined), toEntry(full, formatReleaseCustom(custom))],
  ];
  if (makeIncrement !== undefined) {
    await disk.makeFolder(fileIn(folder, 'work'));
    for (const [index, { release: from, entry }] of kept.entries()) {
      const oldFile = await requireTarget(folder, pathOf(from, undefined), entry);
      const into = fileIn(folder, `work/from-${from}`);
      await disk.remove(into);
      const { encoding } = await makeIncrement({ oldFile, newFile: file, into });
      const name = pathOf(custom.release, from);
      // Whoever would fetch more than the full file fetches the full file.
      if ((await stat(into)).size < full.length) {
        const increment = await importFile(folder, disk, into, name);
        const said = formatIncrementCustom({ component: id, release: custom.release, from, encoding });
        added.push([name, toEntry(increment, said)]);
      }
      await disk.remove(into);
      onProgress?.({ done: 2 + index, all });
    }
  }
  const oldest = kept.at(-1)?.release ?? custom.release;
  const remaining = entries.filter(
    ({ at }) =>
      at === undefined ||
      at.area !== area ||
      at.component !== id ||
      (at.from === undefined && at.release >= oldest),
  );
  return Object.fromEntries([...remaining.map(({ name, entry }) => [name, entry] as const), ...added]);
}

function toEntry({ length, sha256 }: HashedFile, custom: JsonObject): JsonObject {
  return { length, hashes: { sha256 }, custom };
}

/** Where the file of an entry lies. */
export function targetFileOf(folder: string, name: string, entry: JsonObject): string {
  const hashes = entry['hashes'] as JsonObject | undefined;
  return fileIn(folder, targetFilePath(name, hashes?.['sha256'] as string | undefined));
}

async function requireTarget(folder: string, name: string, entry: JsonObject): Promise<string> {
  const file = targetFileOf(folder, name, entry);
  const hashes = entry['hashes'] as JsonObject | undefined;
  const { length, sha256 } = await hashFile(file).catch((error: unknown) => {
    if (isMissing(error)) return { length: -1, sha256: '' };
    throw error;
  });
  if (length !== entry['length'] || sha256 !== hashes?.['sha256']) {
    throw new ComponentError('REPOSITORY_DAMAGED', `The file ${name} is not there as it was signed for.`, {
      remedy: 'Bring the folder back from a copy.',
    });
  }
  return file;
}

/** The copy is hashed, not the original, which may change under the hands. */
async function importFile(folder: string, disk: Disk, from: string, name: string): Promise<HashedFile> {
  const beside = fileIn(folder, `${targetFilePath(name, undefined)}.new`);
  await disk.makeFolder(path.dirname(beside));
  await disk.copyFile(from, beside);
  const hashed = await hashFile(beside);
  await disk.rename(beside, fileIn(folder, targetFilePath(name, hashed.sha256)));
  return hashed;
}

export async function hashFile(file: string): Promise<HashedFile> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    length += piece.length;
  }
  return { length, sha256: hash.digest('hex') };
}

/** All files below a folder, relative to it, with `/`. */
export async function listFiles(folder: string, below: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path.join(folder, below), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) =>
        path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
      )
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
