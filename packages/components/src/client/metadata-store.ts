import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { type Disk, readFileIfThere, replaceFile, systemDisk } from '../disk.ts';
import { metadataLimits } from '../metadata/index.ts';

/** Where a client keeps the metadata that it has verified, by file name: `root.json`, `timestamp.json`, … */
export interface MetadataStore {
  read(name: string): Promise<Uint8Array | undefined>;
  /** On the disk when it returns; at every instant the old bytes or the new ones are there. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Nothing when it is not there. */
  remove(name: string): Promise<void>;
}

const NAME = /^[A-Za-z0-9._~%-]{1,250}\.json$/;

/** A folder with a file for each role. */
export function createFolderStore(folder: string, disk: Disk = systemDisk): MetadataStore {
  const at = (name: string): string => {
    if (!NAME.test(name))
      throw new ComponentError('METADATA_UNREADABLE', 'The name of a role is too long to be kept.');
    return path.join(folder, name);
  };
  return {
    async read(name) {
      const file = at(name);
      try {
        return await readFileIfThere(file, metadataLimits.targetsBytes);
      } catch (error) {
        // Whatever else may have become of the file: it is not what was written.
        if (error instanceof ComponentError) return undefined;
        throw error;
      }
    },
    async write(name, bytes) {
      const file = at(name);
      await disk.makeFolder(folder);
      await replaceFile(disk, file, bytes);
    },
    async remove(name) {
      await disk.remove(at(name));
    },
  };
}
