import { existsSync, lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import { placeFile, removeDurably, syncFolder } from '../../../platform/durable-file.ts';
import { findSystemErrorCode, isMissing } from '../../../platform/system-error.ts';
import { hashFile, type ComponentFiles } from '../component-files.ts';
import { UpdateError } from '../update.errors.ts';
import type { StagedRelease, WayBack } from './component-handler.ts';

/** Others use it, and nobody but its owner changes it. */
const MODE = 0o644;

/**
 * That the place can be that of a file.
 *
 * @throws UpdateError COMPONENT_PLACE_TAKEN, COMPONENT_PLACE_UNUSABLE
 */
export function assertPlace(place: string, usualFolder: string): void {
  assertPlaceFolder(place, usualFolder);
  const stats = findStats(place);
  if (stats !== undefined && !stats.isFile()) throw createPlaceTakenError(place);
}

/**
 * That something can be put there: its folder is there, or is ours and can be made.
 *
 * @throws UpdateError COMPONENT_PLACE_UNUSABLE
 */
export function assertPlaceFolder(place: string, usualFolder: string): void {
  const folder = dirname(place);
  if (folder === usualFolder || folder.startsWith(`${usualFolder}${sep}`)) {
    mkdirSync(folder, { recursive: true });
    syncFolder(dirname(folder));
    return;
  }
  // A folder elsewhere belongs to whoever uses the component; where it is missing the path is a mistake.
  if (findStats(folder)?.isDirectory() === true) return;
  throw new UpdateError('COMPONENT_PLACE_UNUSABLE', `The folder ${folder} is not there.`, {
    remedy: 'Make the folder, or name another place in components.json.',
    facts: { folder },
  });
}

export function createPlaceTakenError(place: string): UpdateError {
  return new UpdateError('COMPONENT_PLACE_TAKEN', `${place} is there and is not of this component.`, {
    remedy: 'Move it away, or name another place in components.json.',
    facts: { path: place },
  });
}

/** Puts the release in place, and keeps what lay there before the first one. */
export async function putFile(staged: StagedRelease, place: string, files: ComponentFiles): Promise<void> {
  const { id } = staged.component;
  await within(place, async () => {
    const found = files.foundPath(id);
    if (!existsSync(found) && existsSync(place) && !(await isOurs(staged, place, files)))
      placeFile(place, found, MODE);
    placeFile(staged.file, place, MODE);
  });
}

/** Puts back what was there before. What is not ours is left where it lies. */
export async function takeFileBack(
  { from, to }: WayBack,
  place: string,
  files: ComponentFiles,
): Promise<void> {
  const found = files.foundPath(from.component.id);
  await within(place, async () => {
    if (to !== undefined) return placeFile(to.file, place, MODE);
    if (existsSync(found)) {
      placeFile(found, place, MODE);
      return removeDurably(found);
    }
    const isOfRelease = existsSync(place) && existsSync(from.file) && (await isSameFile(from.file, place));
    if (isOfRelease) removeDurably(place);
  });
}

/** What lies there came from a release of the component. */
async function isOurs(staged: StagedRelease, place: string, files: ComponentFiles): Promise<boolean> {
  for (const held of [staged.file, ...files.listHeld(staged.component.id)])
    if (await isSameFile(held, place)) return true;
  return false;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = [statSync(one), statSync(other)];
  if (left.ino === right.ino && left.dev === right.dev) return true;
  if (left.size !== right.size) return false;
  return (await hashFile(one)) === (await hashFile(other));
}

function findStats(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A place that cannot be written is told with what to do about it. */
export async function within(place: string, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = findSystemErrorCode(error);
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    throw new UpdateError('COMPONENT_PLACE_UNUSABLE', `The agent may not write to ${dirname(place)}.`, {
      cause: error,
      remedy: `Where the agent is a service: \`systemctl edit holdfast-agent\`, and there under [Service] a line ReadWritePaths=${dirname(place)}`,
      facts: { folder: dirname(place) },
    });
  }
}
