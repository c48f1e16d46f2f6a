import { createHash } from 'node:crypto';
import { encodeHex } from '@holdfast/kernel';
import { ComponentError } from '../component.errors.ts';
import { metadataLimits } from './metadata-limits.ts';
import { hashNames } from './role-form.ts';
import {
  type Delegation,
  type MetadataFile,
  type RootMetadata,
  readRoot,
  readSnapshot,
  readTargets,
  readTimestamp,
  type SnapshotMetadata,
  type TargetsMetadata,
  type TimestampMetadata,
} from './role-metadata.ts';
import { parseSignedMetadata, requireThreshold, type RoleKeys } from './signed-metadata.ts';

/**
 * What is trusted, and how something becomes trusted: pure transitions, each with the step of the TUF specification's
 * client workflow (https://theupdateframework.github.io/specification/latest/#detailed-client-workflow) at its checks.
 * Every function takes the bytes received and returns a new state or throws; a refusal leaves the old state as it was.
 */
export interface TrustedMetadata {
  readonly root: TrustedFile<RootMetadata>;
  readonly timestamp: TrustedFile<TimestampMetadata> | undefined;
  readonly snapshot: TrustedFile<SnapshotMetadata> | undefined;
  readonly targets: TrustedFile<TargetsMetadata> | undefined;
}

export interface TrustedFile<Metadata> {
  readonly metadata: Metadata;
  readonly bytes: Uint8Array;
}

/**
 * Step 5.2. The first root is trusted because of the way it came; that it is one, signed by the keys that it names, is
 * checked nevertheless, so that a damaged file is found before anything is asked for.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_UNSIGNED
 */
export function trustRoot(bytes: Uint8Array): TrustedMetadata {
  const received = parseSignedMetadata(bytes, metadataLimits.rootBytes);
  const metadata = readRoot(received.signed);
  requireThreshold('root', received, metadata.roles.root, metadata.keys);
  return { root: { metadata, bytes }, timestamp: undefined, snapshot: undefined, targets: undefined };
}

/**
 * Steps 5.3.4 to 5.3.7 and 5.3.11: one new root. Whether it has expired does not matter yet (5.3.6).
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_UNSIGNED, METADATA_ROLLED_BACK
 */
export function updateRoot(trusted: TrustedMetadata, bytes: Uint8Array): TrustedMetadata {
  const before = trusted.root.metadata;
  const received = parseSignedMetadata(bytes, metadataLimits.rootBytes);
  // 5.3.4: signed by a threshold of the keys of the trusted root and, below, of its own.
  requireThreshold('root', received, before.roles.root, before.keys);
  const metadata = readRoot(received.signed);
  requireThreshold('root', received, metadata.roles.root, metadata.keys);
  // 5.3.5: exactly the next version.
  if (metadata.version !== before.version + 1) throw rolledBack('root', metadata.version, before.version + 1);
  const root = { metadata, bytes };
  // 5.3.11: when keys of timestamp or snapshot have changed, what they signed counts no more: the way back from a
  // fast-forward attack.
  return haveOnlineKeysChanged(before, metadata)
    ? { ...trusted, root, timestamp: undefined, snapshot: undefined }
    : { ...trusted, root };
}

/** Step 5.3.11: whether a new root takes timestamp or snapshot out of the hands of those who had them. */
export function haveOnlineKeysChanged(before: RootMetadata, after: RootMetadata): boolean {
  return (['timestamp', 'snapshot'] as const).some(
    (role) => describeKeys(before, before.roles[role]) !== describeKeys(after, after.roles[role]),
  );
}

function describeKeys(root: RootMetadata, role: RoleKeys): string {
  return role.keyIds
    .map((id) => root.keys.get(id)?.fingerprint ?? id)
    .sort()
    .join();
}

/**
 * Step 5.3.10, after the last root.
 *
 * @throws ComponentError METADATA_EXPIRED
 */
export function requireFreshRoot({ root }: TrustedMetadata, nowMs: number): void {
  requireFresh('root', root.metadata, nowMs);
}

/**
 * Takes back what this client has verified and stored before, as what newer versions are compared with. Expired or not.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_UNSIGNED
 */
export function recallTimestamp(trusted: TrustedMetadata, bytes: Uint8Array): TrustedMetadata {
  return { ...trusted, timestamp: { metadata: verifyTimestamp(trusted, bytes), bytes } };
}

/** As {@link recallTimestamp}. */
export function recallSnapshot(trusted: TrustedMetadata, bytes: Uint8Array): TrustedMetadata {
  return { ...trusted, snapshot: { metadata: verifySnapshot(trusted, bytes), bytes } };
}

/** As {@link recallTimestamp}. */
export function recallTargets(trusted: TrustedMetadata, bytes: Uint8Array): TrustedMetadata {
  return { ...trusted, targets: { metadata: verifyTargets(trusted, bytes), bytes } };
}

/**
 * Steps 5.4.2 to 5.4.4. With the version that is trusted already, nothing changes, whatever else the file says (5.4.3.1).
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_UNSIGNED, METADATA_ROLLED_BACK, METADATA_EXPIRED
 */
export function updateTimestamp(trusted: TrustedMetadata, bytes: Uint8Array, nowMs: number): TrustedMetadata {
  // 5.4.2
  const metadata = verifyTimestamp(trusted, bytes);
  const before = trusted.timestamp?.metadata;
  if (before !== undefined) {
    // 5.4.3.1
    if (metadata.version < before.version) throw rolledBack('timestamp', metadata.version, before.version);
    if (metadata.version === before.version) {
      requireFresh('timestamp', before, nowMs);
      return trusted;
    }
    // 5.4.3.2
    if (metadata.snapshot.version < before.snapshot.version)
      throw rolledBack('snapshot', metadata.snapshot.version, before.snapshot.version);
  }
  // 5.4.4
  requireFresh('timestamp', metadata, nowMs);
  return { ...trusted, timestamp: { metadata, bytes } };
}

/**
 * Steps 5.5.2 to 5.5.6.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_MISMATCHED, METADATA_UNSIGNED,
 *   METADATA_ROLLED_BACK, METADATA_EXPIRED
 */
export function updateSnapshot(trusted: TrustedMetadata, bytes: Uint8Array, nowMs: number): TrustedMetadata {
  const named = requireTimestamp(trusted).snapshot;
  // 5.5.2
  requireNamedBytes('snapshot', bytes, named);
  // 5.5.3
  const metadata = verifySnapshot(trusted, bytes);
  // 5.5.4
  requireNamedVersion('snapshot', metadata.version, named);
  // 5.5.5: no targets file goes back, and none goes away.
  for (const [name, before] of trusted.snapshot?.metadata.files ?? []) {
    const version = metadata.files.get(name)?.version;
    if (version === undefined || version < before.version)
      throw rolledBack(name, version ?? 0, before.version);
  }
  // 5.5.6
  requireFresh('snapshot', metadata, nowMs);
  return { ...trusted, snapshot: { metadata, bytes } };
}

/**
 * Steps 5.6.2 to 5.6.5.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_MISMATCHED, METADATA_UNSIGNED, METADATA_EXPIRED
 */
export function updateTargets(trusted: TrustedMetadata, bytes: Uint8Array, nowMs: number): TrustedMetadata {
  const named = requireListed(trusted, 'targets');
  // 5.6.2
  requireNamedBytes('targets', bytes, named);
  // 5.6.3
  const metadata = verifyTargets(trusted, bytes);
  // 5.6.4
  requireNamedVersion('targets', metadata.version, named);
  // 5.6.5
  requireFresh('targets', metadata, nowMs);
  return { ...trusted, targets: { metadata, bytes } };
}

/**
 * Step 5.6.7 for one delegation: the metadata of a role that `delegator` delegates to. Verified against this delegation and
 * no other: whoever has verified the same bytes for another path has shown nothing for this one. Returned, not kept.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_MISMATCHED, METADATA_UNSIGNED, METADATA_EXPIRED
 */
export function verifyDelegated(
  trusted: TrustedMetadata,
  delegator: TargetsMetadata,
  delegation: Delegation,
  bytes: Uint8Array,
  nowMs: number,
): TargetsMetadata {
  const named = requireListed(trusted, delegation.name);
  requireNamedBytes(delegation.name, bytes, named);
  const metadata = recallDelegated(delegator, delegation, bytes);
  requireNamedVersion(delegation.name, metadata.version, named);
  requireFresh(delegation.name, metadata, nowMs);
  return metadata;
}

/** The signatures and the form of {@link verifyDelegated} alone. */
export function recallDelegated(
  delegator: TargetsMetadata,
  delegation: Delegation,
  bytes: Uint8Array,
): TargetsMetadata {
  const received = parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  requireThreshold(delegation.name, received, delegation, delegator.keys);
  return readTargets(received.signed);
}

/** Whether stored bytes are exactly what is named: then they need not be fetched again. */
export function isNamed(file: TrustedFile<{ readonly version: number }>, named: MetadataFile): boolean {
  return file.metadata.version === named.version && areNamedBytes(file.bytes, named);
}

/**
 * Not later than its end. Fails closed: an end that is no number is over.
 *
 * @throws ComponentError METADATA_EXPIRED
 */
export function requireFresh(
  role: string,
  { expiresAtMs }: { readonly expiresAtMs: number },
  nowMs: number,
): void {
  if (!(nowMs < expiresAtMs)) {
    throw new ComponentError('METADATA_EXPIRED', `The ${role} metadata have expired.`, {
      facts: { role },
      retry: 'safe',
      remedy:
        'Check the clock of this computer. If it is right, the repository has not been signed again in time, or somebody holds newer metadata back.',
    });
  }
}

/** What the trusted snapshot says of a file, or a refusal when it does not list it. */
export function requireListed({ snapshot }: TrustedMetadata, role: string): MetadataFile {
  const named = snapshot?.metadata.files.get(role);
  if (named === undefined)
    throw new ComponentError('METADATA_MISSING', `The snapshot does not list metadata of "${role}".`);
  return named;
}

export function requireTimestamp({ timestamp }: TrustedMetadata): TimestampMetadata {
  if (timestamp === undefined) throw new TypeError('a trusted timestamp is wanted first');
  return timestamp.metadata;
}

function verifyTimestamp(
  { root: { metadata: root } }: TrustedMetadata,
  bytes: Uint8Array,
): TimestampMetadata {
  const received = parseSignedMetadata(bytes, metadataLimits.timestampBytes);
  requireThreshold('timestamp', received, root.roles.timestamp, root.keys);
  return readTimestamp(received.signed);
}

function verifySnapshot({ root: { metadata: root } }: TrustedMetadata, bytes: Uint8Array): SnapshotMetadata {
  const received = parseSignedMetadata(bytes, metadataLimits.snapshotBytes);
  requireThreshold('snapshot', received, root.roles.snapshot, root.keys);
  return readSnapshot(received.signed);
}

function verifyTargets({ root: { metadata: root } }: TrustedMetadata, bytes: Uint8Array): TargetsMetadata {
  const received = parseSignedMetadata(bytes, metadataLimits.targetsBytes);
  requireThreshold('targets', received, root.roles.targets, root.keys);
  return readTargets(received.signed);
}

function areNamedBytes(bytes: Uint8Array, named: MetadataFile): boolean {
  if (named.length !== undefined && named.length !== bytes.length) return false;
  return hashNames.every((algorithm) => {
    const wanted = named.hashes?.[algorithm];
    return wanted === undefined || wanted === encodeHex(createHash(algorithm).update(bytes).digest());
  });
}

function requireNamedBytes(role: string, bytes: Uint8Array, named: MetadataFile): void {
  if (!areNamedBytes(bytes, named)) {
    throw new ComponentError(
      'METADATA_MISMATCHED',
      `The ${role} metadata are not the bytes that were signed for.`,
      {
        facts: { role },
      },
    );
  }
}

function requireNamedVersion(role: string, version: number, named: MetadataFile): void {
  if (version !== named.version) {
    throw new ComponentError(
      'METADATA_MISMATCHED',
      `The ${role} metadata are of version ${version}, and version ${named.version} was signed for.`,
      { facts: { role, version, named: named.version } },
    );
  }
}

function rolledBack(role: string, version: number, trusted: number): ComponentError {
  return new ComponentError(
    'METADATA_ROLLED_BACK',
    `The ${role} metadata are of version ${version}; ${trusted} is known already.`,
    { facts: { role, version, trusted } },
  );
}
