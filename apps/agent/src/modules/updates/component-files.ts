import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SignedFile } from '@holdfast/components';
import { removeDurably, syncFolder } from '../../platform/durable-file.ts';
import { isMissing } from '../../platform/system-error.ts';

const COMPONENT_ID = /^[a-z0-9][a-z0-9-]{0,63}$/u;

/** The files of components in the state folder: one folder for each, and in it a verified file for each release that is kept. */
export interface ComponentFiles {
  /** Of the component; made when it is missing. */
  folderOf(component: string): string;
  /** Verified full file. What has this name was verified before it got it. */
  heldPath(component: string, release: number): string;
  /** The same before it is verified; what a download left there is gone on with. */
  unverifiedPath(component: string, release: number): string;
  incrementPath(component: string, release: number, from: number): string;
  /** What there was in the place of the component before its first release. */
  foundPath(component: string): string;
  isHeld(component: string, release: number): boolean;
  /** Paths of the verified files that are there. */
  listHeld(component: string): readonly string[];
  /** Removes all but these releases, what was found, and what is named besides. */
  forget(component: string, keep: readonly (number | undefined)[], alsoKeep?: readonly string[]): void;
}

export function createComponentFiles(home: string): ComponentFiles {
  const folderOf = (component: string): string => {
    if (!COMPONENT_ID.test(component)) throw new TypeError('"component" expected the id of a component');
    return join(home, 'components', component);
  };
  const pathOf = (component: string, name: string): string => join(folderOf(component), name);
  const heldPath = (component: string, release: number): string => {
    if (!Number.isSafeInteger(release) || release < 1)
      throw new TypeError(`"release" expected a positive integer, got ${release}`);
    return pathOf(component, String(release));
  };
  return {
    folderOf: (component) => {
      const folder = folderOf(component);
      if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) {
        syncFolder(join(home, 'components'));
        syncFolder(home);
      }
      return folder;
    },
    heldPath,
    unverifiedPath: (component, release) => `${heldPath(component, release)}.unverified`,
    incrementPath: (component, release, from) => `${heldPath(component, release)}.from-${from}.unverified`,
    foundPath: (component) => pathOf(component, 'found'),
    isHeld: (component, release) => existsSync(heldPath(component, release)),
    listHeld: (component) =>
      listNames(folderOf(component))
        .filter((name) => /^[1-9]\d*$/u.test(name))
        .map((name) => pathOf(component, name)),
    forget: (component, keep, alsoKeep = []) => {
      const kept = new Set([...keep.map(String), 'found', ...alsoKeep]);
      for (const name of listNames(folderOf(component)))
        if (!kept.has(name)) removeDurably(pathOf(component, name));
    },
  };
}

/** Whether the file is what signed metadata say, byte by byte. */
export async function isFileOf(
  path: string,
  { length, sha256 }: Pick<SignedFile, 'length' | 'sha256'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const hash = createHash('sha256');
  let total = 0;
  try {
    const stream = createReadStream(path, {
      highWaterMark: 262_144,
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      total += chunk.length;
      // It has grown meanwhile, or is another: no need to read on.
      if (total > length) return false;
      hash.update(chunk);
    }
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return total === length && hash.digest('hex') === sha256;
}

/** SHA-256 of the file in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash.digest('hex');
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
