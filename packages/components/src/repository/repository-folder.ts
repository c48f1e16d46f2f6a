import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { isMissing, readFileIfThere } from '../disk.ts';
import {
  type Delegation,
  isNamed,
  metadataLimits,
  parseSignedMetadata,
  recallDelegated,
  recallSnapshot,
  recallTargets,
  recallTimestamp,
  requireListed,
  requireTimestamp,
  type TargetsMetadata,
  type TrustedFile,
  type TrustedMetadata,
  trustRoot,
  type UnverifiedMetadata,
  updateRoot,
} from '../metadata/index.ts';
import { metadataPath } from '../repository-path.ts';
import { FEEDS } from './metadata-writing.ts';

/** What a reader of the folder finds now, verified; whether it has expired does not matter to its publisher. */
export interface PublishedState {
  readonly trusted: TrustedMetadata;
  /** Ended between a new root and what is signed under it: what is there is vouched for by the root before. */
  readonly isInterrupted: boolean;
  readonly feeds:
    | { readonly delegation: Delegation; readonly file: TrustedFile<TargetsMetadata> | undefined }
    | undefined;
}

export function fileIn(folder: string, relative: string): string {
  return path.join(folder, ...relative.split('/').map(decodeURIComponent));
}

export function draftPath(role: string): string {
  return `drafts/${role}.json`;
}

/**
 * Reads what is published, as a client would that starts from the first root.
 *
 * @returns `undefined` when nothing has been published yet
 * @throws ComponentError REPOSITORY_DAMAGED
 */
export async function readPublished(folder: string): Promise<PublishedState | undefined> {
  const { newest, previous } = await readRoots(folder);
  if (newest === undefined) return undefined;
  const timestampBytes = await damagedUnless(
    async () =>
      await readFileIfThere(
        fileIn(folder, metadataPath('timestamp', undefined)),
        metadataLimits.timestampBytes,
      ),
  );
  // Ended between the first root and the first timestamp: nobody can have read anything of it.
  if (timestampBytes === undefined) return undefined;
  return damagedUnless(async () => {
    try {
      return await readBelow(folder, newest, timestampBytes);
    } catch (error) {
      // Ended between a root and the first timestamp under it: the one before still vouches for what is there.
      if (previous === undefined || !(error instanceof ComponentError)) throw error;
      const before = await readBelow(folder, previous, timestampBytes);
      return { ...before, isInterrupted: true, trusted: { ...before.trusted, root: newest.root } };
    }
  });
}

interface NewestRoots {
  readonly newest: TrustedMetadata | undefined;
  readonly previous: TrustedMetadata | undefined;
}

/** Follows the roots from the first on. The version of each is the number of its file, so that there are no more than files. */
async function readRoots(folder: string): Promise<NewestRoots> {
  let roots: NewestRoots = { newest: undefined, previous: undefined };
  for (let version = 1; ; version += 1) {
    const before = roots.newest;
    const next = await damagedUnless(async () => {
      const bytes = await readFileIfThere(
        fileIn(folder, metadataPath('root', version)),
        metadataLimits.rootBytes,
      );
      if (bytes === undefined) return undefined;
      const trusted = before === undefined ? trustRoot(bytes) : updateRoot(before, bytes);
      if (trusted.root.metadata.version !== version)
        throw new ComponentError('METADATA_MISMATCHED', `${version}.root.json says another version.`);
      return trusted;
    });
    if (next === undefined) return roots;
    roots = { newest: next, previous: before };
  }
}

async function readBelow(
  folder: string,
  root: TrustedMetadata,
  timestampBytes: Uint8Array,
): Promise<PublishedState> {
  const timestamped = recallTimestamp(root, timestampBytes);
  const named = requireTimestamp(timestamped).snapshot;
  const snapshotBytes = await readNamed(folder, 'snapshot', named.version);
  const listed = recallSnapshot(timestamped, snapshotBytes);
  requireNamed(listed.snapshot, named, 'snapshot');
  const targetsNamed = requireListed(listed, 'targets');
  const trusted = recallTargets(listed, await readNamed(folder, 'targets', targetsNamed.version));
  requireNamed(trusted.targets, targetsNamed, 'targets');
  const targets = trusted.targets?.metadata;
  const delegation = targets?.delegations.find(({ name }) => name === FEEDS);
  if (targets === undefined || delegation === undefined)
    return { trusted, isInterrupted: false, feeds: undefined };
  const feedsNamed = trusted.snapshot?.metadata.files.get(FEEDS);
  if (feedsNamed === undefined)
    return { trusted, isInterrupted: false, feeds: { delegation, file: undefined } };
  const bytes = await readNamed(folder, FEEDS, feedsNamed.version);
  const file = { metadata: recallDelegated(targets, delegation, bytes), bytes };
  requireNamed(file, feedsNamed, FEEDS);
  return { trusted, isInterrupted: false, feeds: { delegation, file } };
}

/** What a repository consists of, below its folder. */
export const repositoryAreas = ['metadata', 'targets', 'drafts', 'work'] as const;

/**
 * Refuses a folder in which something would be written or removed elsewhere. The folder itself may be reached by a link: whoever
 * names it has said so.
 *
 * @throws ComponentError REPOSITORY_DAMAGED
 */
export async function requireOwnFolders(folder: string): Promise<void> {
  for (const area of [...repositoryAreas, 'repository.lock']) {
    const found = await lstat(path.join(folder, area)).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found === undefined || (area === 'repository.lock' ? found.isFile() : found.isDirectory())) continue;
    throw new ComponentError(
      'REPOSITORY_DAMAGED',
      `${area} in the folder of the repository leads elsewhere.`,
      {
        remedy: 'Move what it leads to into the folder, in its place: no link is followed.',
      },
    );
  }
}

async function readNamed(folder: string, role: string, version: number): Promise<Uint8Array> {
  const bytes = await readFileIfThere(
    fileIn(folder, metadataPath(role, version)),
    metadataLimits.targetsBytes,
  );
  if (bytes === undefined)
    throw new ComponentError('METADATA_MISSING', `Version ${version} of the ${role} metadata is not there.`);
  return bytes;
}

function requireNamed(
  file: TrustedFile<{ readonly version: number }> | undefined,
  named: Parameters<typeof isNamed>[1],
  role: string,
): void {
  if (file === undefined || !isNamed(file, named))
    throw new ComponentError(
      'METADATA_MISMATCHED',
      `The ${role} metadata are not those that were signed for.`,
    );
}

async function damagedUnless<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    throw new ComponentError('REPOSITORY_DAMAGED', `The repository is damaged: ${error.message}`, {
      cause: error,
      remedy: 'Bring the folder back from a copy, and run "holdfast components verify" on it.',
    });
  }
}

/** @throws ComponentError REPOSITORY_DAMAGED */
export async function readDraft(
  folder: string,
  role: 'root' | 'targets',
): Promise<UnverifiedMetadata | undefined> {
  return await damagedUnless(async () => {
    const bytes = await readFileIfThere(fileIn(folder, draftPath(role)), metadataLimits.targetsBytes);
    return bytes === undefined ? undefined : parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  });
}
