import { createHash } from 'node:crypto';
import { encodeHex } from '@holdfast/kernel';
import {
  encodeCanonicalJson,
  formatInstant,
  type JsonObject,
  type JsonValue,
  keyIdOf,
  type RoleKeys,
  type TopLevelRole,
  topLevelRoles,
} from '../metadata/index.ts';
import type { SigningKey } from './signing-key.ts';

/** Metadata as this publisher writes them. Pure: what is signed is made here, and laid in its place elsewhere. */

const SPEC_VERSION = '1.0.34';
const DAY_MS = 24 * 60 * 60_000;

export const FEEDS = 'feeds';
/** Three segments below `feeds/`, and nothing else. */
const FEED_PATTERN = 'feeds/*/*/*';

export type RoleName = TopLevelRole | typeof FEEDS;

/** For how long metadata of each role are good. The shorter, the shorter somebody can hold newer ones back unnoticed. */
export type Lifetimes = Readonly<Record<RoleName, number>>;

export const defaultLifetimesMs: Lifetimes = {
  root: 365 * DAY_MS,
  targets: 90 * DAY_MS,
  feeds: 7 * DAY_MS,
  snapshot: 7 * DAY_MS,
  timestamp: 2 * DAY_MS,
};

/** Public keys of a role, and how many of them have to sign. */
export interface RoleSetting {
  readonly keys: readonly JsonObject[];
  readonly threshold: number;
}

function toRoleKeys({ keys, threshold }: RoleSetting): RoleKeys {
  return { keyIds: keys.map(keyIdOf), threshold };
}

function toRoleJson({ keyIds, threshold }: RoleKeys): JsonObject {
  return { keyids: keyIds, threshold };
}

function toKeyTable(settings: readonly RoleSetting[]): JsonObject {
  return Object.fromEntries(settings.flatMap(({ keys }) => keys.map((key) => [keyIdOf(key), key])));
}

export function composeRoot(
  roles: Readonly<Record<TopLevelRole, RoleSetting>>,
  version: number,
  expiresAtMs: number,
): JsonObject {
  return {
    _type: 'root',
    spec_version: SPEC_VERSION,
    consistent_snapshot: true,
    version,
    expires: formatInstant(expiresAtMs),
    keys: toKeyTable(topLevelRoles.map((role) => roles[role])),
    roles: Object.fromEntries(topLevelRoles.map((role) => [role, toRoleJson(toRoleKeys(roles[role]))])),
  };
}

export function composeTargets(
  targets: JsonObject,
  feeds: RoleSetting | undefined,
  version: number,
  expiresAtMs: number,
): JsonObject {
  return {
    _type: 'targets',
    spec_version: SPEC_VERSION,
    version,
    expires: formatInstant(expiresAtMs),
    targets,
    ...(feeds === undefined
      ? {}
      : {
          delegations: {
            keys: toKeyTable([feeds]),
            roles: [
              { name: FEEDS, ...toRoleJson(toRoleKeys(feeds)), terminating: true, paths: [FEED_PATTERN] },
            ],
          },
        }),
  };
}

/** A file of metadata, by what it is called without its version. */
export interface WrittenFile {
  readonly role: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

export function composeSnapshot(
  files: readonly WrittenFile[],
  version: number,
  expiresAtMs: number,
): JsonObject {
  return {
    _type: 'snapshot',
    spec_version: SPEC_VERSION,
    version,
    expires: formatInstant(expiresAtMs),
    meta: Object.fromEntries(files.map((file) => [`${file.role}.json`, describeFile(file)])),
  };
}

export function composeTimestamp(snapshot: WrittenFile, version: number, expiresAtMs: number): JsonObject {
  return {
    _type: 'timestamp',
    spec_version: SPEC_VERSION,
    version,
    expires: formatInstant(expiresAtMs),
    meta: { 'snapshot.json': describeFile(snapshot) },
  };
}

/** Length and hash beside the version: what is named can be one file only (specification 4.4). */
function describeFile({ version, bytes }: WrittenFile): JsonObject {
  return {
    version,
    length: bytes.length,
    hashes: { sha256: encodeHex(createHash('sha256').update(bytes).digest()) },
  };
}

/** What others have signed of the same, with what these keys sign. A key that has signed already does not sign again. */
export function signMetadata(
  signed: JsonObject,
  keys: readonly SigningKey[],
  signatures: ReadonlyMap<string, Uint8Array> = new Map(),
): Uint8Array {
  const bytes = encodeCanonicalJson(signed);
  const all = new Map(signatures);
  for (const key of keys) if (!all.has(key.id)) all.set(key.id, key.sign(bytes));
  const list = [...all].map(([keyid, signature]): JsonValue => ({ keyid, sig: encodeHex(signature) }));
  return Buffer.from(JSON.stringify({ signatures: list, signed }));
}
