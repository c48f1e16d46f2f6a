import type { Disk } from '../disk.ts';
import { listContent } from './repository-content.ts';
import { fileIn, readPublished, repositoryAreas, requireOwnFolders } from './repository-folder.ts';
import { listFiles } from './target-writing.ts';

/**
 * Removes what nobody needs any more: metadata older than the last two versions, files that neither of them nor a draft
 * names, and what an earlier call that was ended has left.
 */
export async function pruneRepository(folder: string, disk: Disk): Promise<void> {
  await requireOwnFolders(folder);
  const state = await readPublished(folder);
  if (state === undefined) return;
  const { current, kept } = await listContent(folder, state);
  for (const below of repositoryAreas) {
    for (const file of await listFiles(folder, below)) {
      if (!current.has(file) && !kept.has(file)) await disk.remove(fileIn(folder, file));
    }
  }
}
