import type { Disk } from '../disk.ts';
import { readFileIfThere } from '../disk.ts';
import { metadataLimits, parseSignedMetadata } from '../metadata/index.ts';
import { metadataPath, targetFilePath } from '../repository-path.ts';
import { tableOf } from './draft-writing.ts';
import { FEEDS } from './metadata-writing.ts';
import { draftPath, fileIn, type PublishedState, readPublished } from './repository-folder.ts';
import { listFiles } from './target-writing.ts';

/** Every file of the folder that belongs there now, relative to it. */
export interface RepositoryContent {
  /** What is published, which has to be there. */
  readonly current: ReadonlySet<string>;
  /** What whoever began to read before the last change may still ask for, and what waits to be published. */
  readonly kept: ReadonlySet<string>;
}

/** Which files a state needs, and which are kept a little longer. */
export async function listContent(
  folder: string,
  { trusted, feeds }: PublishedState,
): Promise<RepositoryContent> {
  const current = new Set<string>([metadataPath('timestamp', undefined)]);
  const kept = new Set<string>();
  for (let version = trusted.root.metadata.version; version >= 1; version -= 1)
    current.add(metadataPath('root', version));
  const roles = [
    { role: 'snapshot', file: trusted.snapshot, hasFiles: false },
    { role: 'targets', file: trusted.targets, hasFiles: true },
    { role: FEEDS, file: feeds?.file, hasFiles: true },
  ];
  for (const { role, file, hasFiles } of roles) {
    if (file === undefined) continue;
    const { version } = file.metadata;
    current.add(metadataPath(role, version));
    kept.add(metadataPath(role, version - 1));
    if (!hasFiles) continue;
    for (const path of targetFilesOf(file.bytes)) current.add(path);
    const before = await readFileIfThere(fileIn(folder, metadataPath(role, version - 1)));
    for (const path of targetFilesOf(before)) kept.add(path);
  }
  for (const role of ['root', 'targets'] as const) {
    const draft = await readFileIfThere(fileIn(folder, draftPath(role)));
    if (draft !== undefined) kept.add(draftPath(role));
    if (role === 'targets') for (const path of targetFilesOf(draft)) kept.add(path);
  }
  return { current, kept };
}

/**
 * Removes what nobody needs any more: metadata older than the last two versions, files that neither of them nor a draft
 * names, and what an earlier call that was ended has left.
 */
export async function pruneRepository(folder: string, disk: Disk): Promise<void> {
  const state = await readPublished(folder);
  if (state === undefined) return;
  const { current, kept } = await listContent(folder, state);
  for (const below of ['metadata', 'targets', 'drafts', 'work']) {
    for (const file of await listFiles(folder, below)) {
      if (!current.has(file) && !kept.has(file)) await disk.remove(fileIn(folder, file));
    }
  }
}

/** Where the files of targets metadata lie. Published ones have been verified; a damaged older one names nothing. */
function targetFilesOf(bytes: Uint8Array | undefined): readonly string[] {
  if (bytes === undefined) return [];
  const { signed } = parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  return Object.entries(tableOf(signed)).map(([name, entry]) => {
    const { hashes } = entry as { hashes: { sha256: string } };
    return targetFilePath(name, hashes.sha256);
  });
}
