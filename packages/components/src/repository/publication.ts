import { type Disk, replaceFile } from '../disk.ts';
import { ComponentError } from '../component.errors.ts';
import {
  type JsonObject,
  metadataLimits,
  parseSignedMetadata,
  recallTargets,
  type RootMetadata,
  type TargetsMetadata,
  type TrustedMetadata,
  trustRoot,
  updateRoot,
} from '../metadata/index.ts';
import { metadataPath } from '../repository-path.ts';
import {
  composeSnapshot,
  composeTargets,
  composeTimestamp,
  FEEDS,
  type Lifetimes,
  signMetadata,
  type WrittenFile,
} from './metadata-writing.ts';
import { findMissing, type MissingSignatures } from './missing-signatures.ts';
import { fileIn, type PublishedState } from './repository-folder.ts';
import type { SigningKey } from './signing-key.ts';

/** What is to become public, signed where its keys are offline. What is `undefined` stays as it is. */
export interface Publication {
  readonly before: PublishedState | undefined;
  readonly root: Uint8Array | undefined;
  readonly targets: Uint8Array | undefined;
  /** What the metadata of feeds list from now on; their key is among `keys`. */
  readonly feeds: JsonObject | undefined;
  readonly keys: readonly SigningKey[];
  readonly nowMs: number;
  readonly lifetimesMs: Lifetimes;
}

export interface PublishedVersions {
  readonly root: number;
  readonly targets: number;
  readonly snapshot: number;
  readonly timestamp: number;
}

export interface PublicationPlan {
  /** What keys at hand have not signed; a plan with any of it must not be published. */
  readonly missing: readonly MissingSignatures[];
  readonly versions: PublishedVersions;
  /** Read by nobody before a timestamp leads to them. */
  readonly files: readonly WrittenFile[];
  readonly root: WrittenFile | undefined;
  readonly timestamp: WrittenFile;
  /** Whoever still has the old root can follow the new timestamp as well. */
  readonly isBridged: boolean;
}

/**
 * Makes a plan public. Everything that the new timestamp leads to is on the disk before it; then it takes the place of the
 * old one, and that is the moment of publishing. A new root comes after it where old and new keys have signed, so that a
 * reader with either of them can follow; where the old keys cannot sign any more, it has to come before.
 */
export async function publishPlan(folder: string, disk: Disk, plan: PublicationPlan): Promise<void> {
  const write = async ({ role, version, bytes }: WrittenFile): Promise<void> =>
    replaceFile(disk, fileIn(folder, metadataPath(role, version)), bytes);
  await disk.makeFolder(fileIn(folder, 'metadata'));
  for (const file of plan.files) await write(file);
  if (plan.root !== undefined && !plan.isBridged) await write(plan.root);
  await replaceFile(disk, fileIn(folder, metadataPath('timestamp', undefined)), plan.timestamp.bytes);
  if (plan.root !== undefined && plan.isBridged) await write(plan.root);
}

/**
 * Signs what online keys sign, and checks that a reader can follow all of it.
 *
 * @throws ComponentError METADATA_…
 */
export function planPublication(publication: Publication): PublicationPlan {
  const { before, root, nowMs, lifetimesMs } = publication;
  const trusted = rootAfter(before, root);
  const { bytes: targetsBytes, metadata: targets } = targetsAfter(trusted, publication);
  const targetsFile = { role: 'targets', version: targets.version, bytes: targetsBytes };
  const feedsFile = feedsAfter(targets, publication);
  const listed = feedsFile === undefined ? [targetsFile] : [targetsFile, feedsFile];

  const beforeVersion = (role: 'snapshot' | 'timestamp'): number =>
    before?.trusted[role]?.metadata.version ?? 0;
  const sign = (role: 'snapshot' | 'timestamp', signed: JsonObject) =>
    signOnline(role, signed, trusted.root.metadata, before?.trusted.root.metadata, publication.keys);

  const kept = keptSnapshot(publication);
  const snapshot = kept ?? {
    version: beforeVersion('snapshot') + 1,
    ...sign('snapshot', composeSnapshot(listed, beforeVersion('snapshot') + 1, nowMs + lifetimesMs.snapshot)),
  };
  const snapshotFile = { role: 'snapshot', version: snapshot.version, bytes: snapshot.bytes };
  const timestampVersion = beforeVersion('timestamp') + 1;
  const timestamp = sign(
    'timestamp',
    composeTimestamp(snapshotFile, timestampVersion, nowMs + lifetimesMs.timestamp),
  );
  const { version } = trusted.root.metadata;
  return {
    missing: [feedsFile?.missing, snapshot.missing, timestamp.missing].filter((one) => one !== undefined),
    versions: {
      root: version,
      targets: targets.version,
      snapshot: snapshot.version,
      timestamp: timestampVersion,
    },
    files: kept === undefined ? [...listed, snapshotFile] : [],
    root: root === undefined ? undefined : { role: 'root', version, bytes: root },
    timestamp: { role: 'timestamp', version: timestampVersion, bytes: timestamp.bytes },
    isBridged:
      before !== undefined &&
      snapshot.isGoodBefore &&
      timestamp.isGoodBefore &&
      isGoodTargets(before.trusted, targetsBytes),
  };
}

export function rootAfter(before: PublishedState | undefined, root: Uint8Array | undefined): TrustedMetadata {
  if (root === undefined) {
    if (before === undefined) throw new TypeError('a first root is wanted');
    return before.trusted;
  }
  return before === undefined ? trustRoot(root) : updateRoot(before.trusted, root);
}

function targetsAfter(
  trusted: TrustedMetadata,
  { before, targets }: Publication,
): { readonly bytes: Uint8Array; readonly metadata: TargetsMetadata } {
  const bytes = targets ?? before?.trusted.targets?.bytes;
  const after = bytes === undefined ? undefined : recallTargets(trusted, bytes).targets;
  if (after === undefined) throw new TypeError('first targets are wanted');
  return after;
}

interface SignedFile {
  readonly bytes: Uint8Array;
  readonly missing: MissingSignatures | undefined;
}

/** New feeds, or those that are there; signed again when `targets` names other keys for them than have signed. */
function feedsAfter(
  targets: TargetsMetadata,
  { before, feeds, keys, nowMs, lifetimesMs }: Publication,
): (WrittenFile & SignedFile) | undefined {
  const delegation = targets.delegations.find(({ name }) => name === FEEDS);
  if (delegation === undefined) return undefined;
  const file = before?.feeds?.file;
  const published =
    file === undefined ? undefined : parseSignedMetadata(file.bytes, metadataLimits.targetsBytes);
  if (feeds === undefined) {
    // Nothing has come by a feed yet.
    if (file === undefined || published === undefined) return undefined;
    const isGood = findMissing(FEEDS, published, delegation, targets.keys) === undefined;
    if (isGood) return { role: FEEDS, version: file.metadata.version, bytes: file.bytes, missing: undefined };
  }
  const version = (file?.metadata.version ?? 0) + 1;
  const content = feeds ?? (published?.signed['targets'] as JsonObject);
  const signed = composeTargets(content, undefined, version, nowMs + lifetimesMs.feeds);
  const bytes = signMetadata(
    signed,
    keys.filter(({ id }) => delegation.keyIds.includes(id)),
  );
  const metadata = parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  return { role: FEEDS, version, bytes, missing: findMissing(FEEDS, metadata, delegation, targets.keys) };
}

/** By the keys of the role, old and new, so that either root vouches for it. */
function signOnline(
  role: 'snapshot' | 'timestamp',
  signed: JsonObject,
  root: RootMetadata,
  oldRoot: RootMetadata | undefined,
  keys: readonly SigningKey[],
): SignedFile & { readonly isGoodBefore: boolean } {
  const owners = [root, ...(oldRoot === undefined ? [] : [oldRoot])].flatMap(
    ({ roles }) => roles[role].keyIds,
  );
  const bytes = signMetadata(
    signed,
    keys.filter(({ id }) => owners.includes(id)),
  );
  const metadata = parseSignedMetadata(bytes, metadataLimits.snapshotBytes);
  return {
    bytes,
    missing: findMissing(role, metadata, root.roles[role], root.keys),
    isGoodBefore:
      oldRoot === undefined || findMissing(role, metadata, oldRoot.roles[role], oldRoot.keys) === undefined,
  };
}

/** With nothing new to list, a snapshot that lasts long enough saves every client one file. */
function keptSnapshot({ before, root, targets, feeds, nowMs, lifetimesMs }: Publication) {
  const snapshot = before?.trusted.snapshot;
  const hasNews = root !== undefined || targets !== undefined || feeds !== undefined;
  if (snapshot === undefined || before === undefined || before.isInterrupted || hasNews) return undefined;
  const { version, expiresAtMs } = snapshot.metadata;
  if (!(expiresAtMs - nowMs > lifetimesMs.snapshot / 2)) return undefined;
  return { version, bytes: snapshot.bytes, missing: undefined, isGoodBefore: true };
}

function isGoodTargets(trusted: TrustedMetadata, bytes: Uint8Array): boolean {
  try {
    recallTargets(trusted, bytes);
    return true;
  } catch (error) {
    if (error instanceof ComponentError) return false;
    throw error;
  }
}
