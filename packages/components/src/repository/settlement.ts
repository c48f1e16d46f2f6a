import { type Disk, replaceFile } from '../disk.ts';
import {
  type JsonObject,
  metadataLimits,
  parseSignedMetadata,
  type RootMetadata,
  readRoot,
} from '../metadata/index.ts';
import { type Lifetimes, signMetadata } from './metadata-writing.ts';
import { findMissing, type MissingSignatures, signaturesMissing } from './missing-signatures.ts';
import { planPublication, type PublishedVersions, publishPlan } from './publication.ts';
import { draftPath, fileIn, type PublishedState, readDraft } from './repository-folder.ts';
import type { SigningKey } from './signing-key.ts';

/** Metadata of an offline role that are to be published once enough keys have signed. */
export interface Draft {
  readonly signed: JsonObject;
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

export interface Drafts {
  readonly root: Draft | undefined;
  readonly targets: Draft | undefined;
}

/** What a change has led to: either it is public, or it waits. */
export interface ChangeOutcome {
  readonly published: PublishedVersions | undefined;
  readonly waiting: readonly MissingSignatures[];
}

export interface SettleNeeds {
  readonly folder: string;
  readonly disk: Disk;
  readonly state: PublishedState | undefined;
  /** Those that take part. */
  readonly drafts: Drafts;
  readonly feeds?: JsonObject;
  readonly keys: readonly SigningKey[];
  readonly nowMs: number;
  readonly lifetimesMs: Lifetimes;
}

/** Drafts that follow what is published. One that does not was left behind by a change that was ended after it. */
export async function readDrafts(folder: string, state: PublishedState | undefined): Promise<Drafts> {
  const current = {
    root: state?.trusted.root.metadata.version ?? 0,
    targets: state?.trusted.targets?.metadata.version ?? 0,
  };
  const read = async (role: 'root' | 'targets'): Promise<Draft | undefined> => {
    const draft = await readDraft(folder, role);
    return draft?.signed['version'] === current[role] + 1 ? draft : undefined;
  };
  return { root: await read('root'), targets: await read('targets') };
}

/**
 * Signs with the keys that are at hand. Publishes when all that is needed has signed; else the drafts are kept, with the
 * signatures that they have, and wait.
 *
 * @throws ComponentError SIGNATURES_MISSING when there is nothing that could wait; METADATA_…
 */
export async function settle(needs: SettleNeeds): Promise<ChangeOutcome> {
  const { folder, disk, state, drafts, keys } = needs;
  const before = state?.trusted.root.metadata;
  const after = drafts.root === undefined ? before : readRoot(drafts.root.signed);
  if (after === undefined) throw new TypeError('a root is wanted');
  const roots = before === undefined || before === after ? [after] : [before, after];
  const root = sign(drafts.root, 'root', roots, keys);
  const targets = sign(drafts.targets, 'targets', roots, keys);
  const offline = [
    ...(root === undefined ? [] : roots.flatMap((one) => missingOf('root', root, one))),
    ...(targets === undefined ? [] : missingOf('targets', targets, after)),
  ];
  const plan =
    offline.length > 0
      ? undefined
      : planPublication({ before: state, root, targets, feeds: needs.feeds, keys, ...timesOf(needs) });
  if (plan !== undefined && plan.missing.length === 0) {
    await publishPlan(folder, disk, plan);
    if (root !== undefined) await disk.remove(fileIn(folder, draftPath('root')));
    if (targets !== undefined) await disk.remove(fileIn(folder, draftPath('targets')));
    return { published: plan.versions, waiting: [] };
  }
  const waiting = plan?.missing ?? offline;
  if (root === undefined && targets === undefined) throw signaturesMissing(waiting);
  await disk.makeFolder(fileIn(folder, 'drafts'));
  // Targets first: a root that takes their keys away is nothing without them.
  if (targets !== undefined) await replaceFile(disk, fileIn(folder, draftPath('targets')), targets);
  if (root !== undefined) await replaceFile(disk, fileIn(folder, draftPath('root')), root);
  return { published: undefined, waiting };
}

function timesOf({ nowMs, lifetimesMs }: SettleNeeds): Pick<SettleNeeds, 'nowMs' | 'lifetimesMs'> {
  return { nowMs, lifetimesMs };
}

/** By those keys that are the role's, before or after: old keys vouch for the way to new ones. */
function sign(
  draft: Draft | undefined,
  role: 'root' | 'targets',
  roots: readonly RootMetadata[],
  keys: readonly SigningKey[],
): Uint8Array | undefined {
  if (draft === undefined) return undefined;
  const owners = new Set(roots.flatMap((root) => root.roles[role].keyIds));
  return signMetadata(
    draft.signed,
    keys.filter(({ id }) => owners.has(id)),
    draft.signatures,
  );
}

function missingOf(
  role: 'root' | 'targets',
  bytes: Uint8Array,
  root: RootMetadata,
): readonly MissingSignatures[] {
  const metadata = parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  const missing = findMissing(role, metadata, root.roles[role], root.keys);
  return missing === undefined ? [] : [missing];
}
