import { ComponentError } from '../component.errors.ts';
import { readFileIfThere } from '../disk.ts';
import { type JsonObject, metadataLimits, parseSignedMetadata, readTargets } from '../metadata/index.ts';
import { metadataPath, targetFilePath } from '../repository-path.ts';
import { tableOf } from './draft-writing.ts';
import { FEEDS } from './metadata-writing.ts';
import { draftPath, fileIn, type PublishedState } from './repository-folder.ts';
import { readDrafts } from './settlement.ts';

/** Every file of the folder that belongs there now, relative to it. */
export interface RepositoryContent {
  /** What is published, which has to be there. */
  readonly current: ReadonlySet<string>;
  /** What whoever began to read before the last change may still ask for, and what waits to be published. */
  readonly kept: ReadonlySet<string>;
}

/** Which files a state needs, and which are kept a little longer. */
export async function listContent(folder: string, state: PublishedState): Promise<RepositoryContent> {
  const { trusted, feeds } = state;
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
    const before = fileIn(folder, metadataPath(role, version - 1));
    for (const path of await readFilesBefore(before)) kept.add(path);
  }
  const drafts = await readDrafts(folder, state);
  for (const role of ['root', 'targets'] as const) if (drafts[role] !== undefined) kept.add(draftPath(role));
  for (const path of targetFilesOf(drafts.targets?.signed)) kept.add(path);
  return { current, kept };
}

/** Nobody has verified what is published no more: what cannot be read of it names nothing. */
async function readFilesBefore(file: string): Promise<readonly string[]> {
  try {
    const bytes = await readFileIfThere(file, metadataLimits.targetsBytes);
    if (bytes === undefined) return [];
    const { targets } = readTargets(parseSignedMetadata(bytes, metadataLimits.targetsBytes).signed);
    return [...targets.values()].map(({ path, hashes }) => targetFilePath(path, hashes.sha256));
  } catch (error) {
    if (error instanceof ComponentError) return [];
    throw error;
  }
}

/** Where the files of targets metadata lie: of published ones, which have been verified, or of a draft of ours. */
function targetFilesOf(metadata: Uint8Array | JsonObject | undefined): readonly string[] {
  return Object.entries(tableOf(metadata)).map(([name, entry]) => {
    const { hashes } = entry as { hashes: { sha256: string } };
    return targetFilePath(name, hashes.sha256);
  });
}
