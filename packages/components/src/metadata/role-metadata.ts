import { isJsonObject, type JsonObject } from './json.ts';
import { metadataLimits } from './metadata-limits.ts';
import { type PublicKey, toPublicKey } from './public-key.ts';
import {
  type Hashes,
  readBoolean,
  readHashes,
  readInstant,
  readInteger,
  readNames,
  readTable,
  readText,
  readObject,
  readList,
  unreadable,
} from './role-form.ts';
import type { RoleKeys } from './signed-metadata.ts';

/** What the signed part of a file says, by the specification 4.3 to 4.6. */

export const topLevelRoles = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type TopLevelRole = (typeof topLevelRoles)[number];

interface RoleMetadata {
  readonly version: number;
  readonly expiresAtMs: number;
}

export interface RootMetadata extends RoleMetadata {
  readonly keys: ReadonlyMap<string, PublicKey>;
  readonly roles: Readonly<Record<TopLevelRole, RoleKeys>>;
  readonly isConsistent: boolean;
}

/** What one file of metadata says of another. */
export interface MetadataFile {
  readonly version: number;
  readonly length: number | undefined;
  readonly hashes: Hashes | undefined;
}

export interface TimestampMetadata extends RoleMetadata {
  readonly snapshot: MetadataFile;
}

export interface SnapshotMetadata extends RoleMetadata {
  /** By the name of the role, without `.json`. */
  readonly files: ReadonlyMap<string, MetadataFile>;
}

/** A file that a targets role vouches for. */
export interface TargetFile {
  readonly path: string;
  readonly length: number;
  readonly hashes: Hashes;
  /** What its publisher says of it, unread. */
  readonly custom: JsonObject | undefined;
}

export interface Delegation extends RoleKeys {
  readonly name: string;
  readonly isTerminating: boolean;
  readonly patterns: readonly string[];
  readonly hashPrefixes: readonly string[];
}

export interface TargetsMetadata extends RoleMetadata {
  readonly targets: ReadonlyMap<string, TargetFile>;
  readonly keys: ReadonlyMap<string, PublicKey>;
  /** In the order in which they are searched. */
  readonly delegations: readonly Delegation[];
}

function readRole(signed: JsonObject, type: string): RoleMetadata {
  if (signed['_type'] !== type) throw unreadable(`they are of another type than ${type}`);
  const specification = signed['spec_version'];
  // Specification 4.3: "adopters are free to determine what is considered a match".
  if (typeof specification !== 'string' || !/^1\.\d{1,4}(?:\.\d{1,4})?$/.test(specification))
    throw unreadable('they follow another version of the specification than 1');
  return { version: readInteger(signed, 'version', 1), expiresAtMs: readInstant(signed, 'expires') };
}

function readRoleKeys(role: JsonObject): RoleKeys {
  return {
    keyIds: readNames(role, 'keyids', metadataLimits.keysPerRole),
    threshold: readInteger(role, 'threshold', 1),
  };
}

function readKeys(parent: JsonObject): ReadonlyMap<string, PublicKey> {
  const entries = readTable(parent, 'keys', metadataLimits.keysPerFile);
  return new Map(entries.map(([id, json]) => [id, toPublicKey(id, json)]));
}

export function readRoot(signed: JsonObject): RootMetadata {
  const role = readRole(signed, 'root');
  const roles = readObject(signed, 'roles');
  const keysOf = (name: TopLevelRole): RoleKeys => readRoleKeys(readObject(roles, name));
  return {
    ...role,
    keys: readKeys(signed),
    roles: {
      root: keysOf('root'),
      timestamp: keysOf('timestamp'),
      snapshot: keysOf('snapshot'),
      targets: keysOf('targets'),
    },
    isConsistent: signed['consistent_snapshot'] !== undefined && readBoolean(signed, 'consistent_snapshot'),
  };
}

function readMetadataFile(file: JsonObject): MetadataFile {
  const hashes = file['hashes'] === undefined ? undefined : readHashes(file);
  if (hashes !== undefined && Object.keys(hashes).length === 0)
    throw unreadable('there is no hash by a known algorithm');
  return {
    version: readInteger(file, 'version', 1),
    length: file['length'] === undefined ? undefined : readInteger(file, 'length', 1),
    hashes,
  };
}

export function readTimestamp(signed: JsonObject): TimestampMetadata {
  const role = readRole(signed, 'timestamp');
  const files = readTable(signed, 'meta', 1);
  const [name, file] = files[0] ?? [];
  if (name !== 'snapshot.json' || file === undefined) throw unreadable('they name no snapshot');
  return { ...role, snapshot: readMetadataFile(file) };
}

export function readSnapshot(signed: JsonObject): SnapshotMetadata {
  const role = readRole(signed, 'snapshot');
  const files = new Map<string, MetadataFile>();
  for (const [name, file] of readTable(signed, 'meta', metadataLimits.filesPerSnapshot)) {
    if (!name.endsWith('.json')) throw unreadable('the snapshot names a file that is no metadata');
    files.set(name.slice(0, -'.json'.length), readMetadataFile(file));
  }
  if (!files.has('targets')) throw unreadable('the snapshot names no targets');
  return { ...role, files };
}

export function readTargets(signed: JsonObject): TargetsMetadata {
  const role = readRole(signed, 'targets');
  const targets = new Map<string, TargetFile>();
  for (const [path, file] of readTable(signed, 'targets', metadataLimits.targetsPerFile)) {
    const custom = file['custom'];
    targets.set(path, {
      path,
      length: readInteger(file, 'length', 0),
      hashes: readHashes(file),
      custom: isJsonObject(custom) ? custom : undefined,
    });
  }
  if (signed['delegations'] === undefined) return { ...role, targets, keys: new Map(), delegations: [] };
  const delegations = readObject(signed, 'delegations');
  return { ...role, targets, keys: readKeys(delegations), delegations: readDelegations(delegations) };
}

function readDelegations(parent: JsonObject): readonly Delegation[] {
  // Succinct roles (TAP 15) are not followed: what they delegate is not found, and so refused.
  if (parent['roles'] === undefined) return [];
  const delegations = readList(parent, 'roles', metadataLimits.delegationsPerFile).map(
    (entry): Delegation => {
      if (!isJsonObject(entry)) throw unreadable('a delegation is no object');
      const name = readText(entry, 'name');
      // Its file would lie where that of a top-level role does; capitals do not keep them apart on every disk.
      if (name === '' || (topLevelRoles as readonly string[]).includes(name.toLowerCase()))
        throw unreadable('a delegation has the name of another role');
      const { patternsPerDelegation } = metadataLimits;
      const hasPatterns = entry['paths'] !== undefined;
      if (hasPatterns === (entry['path_hash_prefixes'] !== undefined))
        throw unreadable('a delegation is for paths or for prefixes of hashes');
      return {
        ...readRoleKeys(entry),
        name,
        isTerminating: readBoolean(entry, 'terminating'),
        patterns: hasPatterns ? readNames(entry, 'paths', patternsPerDelegation) : [],
        hashPrefixes: hasPatterns ? [] : readNames(entry, 'path_hash_prefixes', patternsPerDelegation),
      };
    },
  );
  const names = new Set(delegations.map(({ name }) => name));
  if (names.size !== delegations.length) throw unreadable('a delegation stands twice');
  return delegations;
}
