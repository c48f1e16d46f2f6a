import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { readFileIfThere } from '../disk.ts';
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
  const roots = await readRoots(folder);
  const newest = roots.at(-1);
  if (newest === undefined) return undefined;
  const timestampBytes = await readFileIfThere(fileIn(folder, metadataPath('timestamp', undefined)));
  // Ended between the first root and the first timestamp: nobody can have read anything of it.
  if (timestampBytes === undefined) return undefined;
  // Ended between a root and the first timestamp under it: the one before still vouches for what is there.
  const previous = roots.at(-2);
  return damagedUnless(async () => {
    try {
      return await readBelow(folder, newest, timestampBytes);
    } catch (error) {
      if (previous === undefined || !(error instanceof ComponentError)) throw error;
      const before = await readBelow(folder, previous, timestampBytes);
      return { ...before, isInterrupted: true, trusted: { ...before.trusted, root: newest.root } };
    }
  });
}

/** Each root with what it makes trusted, from the first on. */
async function readRoots(folder: string): Promise<readonly TrustedMetadata[]> {
  const roots: TrustedMetadata[] = [];
  for (;;) {
    const bytes = await readFileIfThere(fileIn(folder, metadataPath('root', roots.length + 1)));
    if (bytes === undefined) return roots;
    const before = roots.at(-1);
    roots.push(
      await damagedUnless(async () => (before === undefined ? trustRoot(bytes) : updateRoot(before, bytes))),
    );
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

async function readNamed(folder: string, role: string, version: number): Promise<Uint8Array> {
  const bytes = await readFileIfThere(fileIn(folder, metadataPath(role, version)));
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
  const bytes = await readFileIfThere(fileIn(folder, draftPath(role)));
  if (bytes === undefined) return undefined;
  return await damagedUnless(async () => parseSignedMetadata(bytes, metadataLimits.targetsBytes));
}
