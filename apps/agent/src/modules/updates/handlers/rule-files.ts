import { lstatSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ComponentDescription } from '@holdfast/components';
import { unpackArchive } from '../../../platform/archive-unpack.ts';
import { removeDurably, syncFolder } from '../../../platform/durable-file.ts';
import { isMissing } from '../../../platform/system-error.ts';
import { type ArchiveLimits, readArchive } from '../../../platform/tar-reader.ts';
import { UpdateError } from '../update.errors.ts';
import type { ComponentHandler, StagedRelease } from './component-handler.ts';
import type { PlacedFileOptions } from './plain-file.ts';
import { assertPlaceFolder, createPlaceTakenError, within } from './placed-file.ts';
import { runReload, runReloadAfterWayBack } from './reload.ts';

const limits: ArchiveLimits = { maxEntries: 4_096, maxBytes: 1_073_741_824 };

/**
 * Many files that change together: an archive is unpacked into a folder of its own beside the place, and the place is a link, which is
 * exchanged for one that leads to the new folder.
 */
export function createRuleFilesHandler({
  places,
  runToEnd,
  platform,
}: Omit<PlacedFileOptions, 'files'> & { readonly platform: NodeJS.Platform }): ComponentHandler {
  const placeOf = ({ id }: ComponentDescription): string =>
    places.find(id).place ?? join(places.usualFolder, id);

  /** The folders lie beside the link, so that the link is short and stays right when all of it is seen from elsewhere. */
  const lead = async ({ component, release, file }: StagedRelease): Promise<void> => {
    const place = placeOf(component);
    const name = folderName(place, release);
    await within(place, async () => {
      await unpackArchive(file, join(dirname(place), name), limits);
      const incoming = `${place}.incoming`;
      rmSync(incoming, { force: true });
      symlinkSync(name, incoming);
      renameSync(incoming, place);
      syncFolder(dirname(place));
    });
  };

  return {
    name: 'rule-files',
    findObstacle: () =>
      platform === 'win32'
        ? 'Folders are switched by links, which Windows does not exchange in one step.'
        : undefined,
    try: async ({ component, file }) => {
      const place = placeOf(component);
      assertPlaceFolder(place, places.usualFolder);
      if (isTaken(place)) throw createPlaceTakenError(place);
      let count = 0;
      await readArchive(file, limits, {
        begin: ({ kind }) => {
          if (kind === 'file') count++;
        },
        content: () => undefined,
        end: () => undefined,
      });
      if (count > 0) return;
      throw new UpdateError('COMPONENT_FILE_WRONG', 'The archive holds no file.', {
        remedy: 'Publish the component anew, with its files.',
      });
    },
    switch: async (staged, signal) => {
      assertPlaceFolder(placeOf(staged.component), places.usualFolder);
      await lead(staged);
      await runReload(places.find(staged.component.id), runToEnd, signal);
      const place = placeOf(staged.component);
      removeOthers(place, staged.release);
      return 'done';
    },
    rollBack: async ({ from, to }, signal) => {
      const place = placeOf(from.component);
      if (to !== undefined) await lead(to);
      else if (findLink(place) !== undefined && !isTaken(place)) removeDurably(place);
      await runReloadAfterWayBack(places.find(from.component.id), runToEnd, signal);
      removeOthers(place, to?.release);
    },
  };
}

function folderName(place: string, release: number): string {
  return `.${basename(place)}.${release}`;
}

/** Whatever is there and does not lead to a folder of ours. */
function isTaken(place: string): boolean {
  const target = findLink(place);
  if (target === undefined) return false;
  return target === 'none' || !isFolderOfOurs(place, target);
}

function isFolderOfOurs(place: string, name: string): boolean {
  const before = `.${basename(place)}.`;
  return name.startsWith(before) && /^[1-9]\d*(?:\.incoming)?$/u.test(name.slice(before.length));
}

/** Where the link leads; `none` for what is no link. */
function findLink(place: string): string | undefined {
  try {
    return lstatSync(place).isSymbolicLink() ? readlinkSync(place) : 'none';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function removeOthers(place: string, kept: number | undefined): void {
  const folder = dirname(place);
  for (const name of readdirSync(folder)) {
    const isKept = kept !== undefined && name === folderName(place, kept);
    if (!isKept && isFolderOfOurs(place, name)) removeDurably(join(folder, name));
  }
}
