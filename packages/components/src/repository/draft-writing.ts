import {
  isJsonObject,
  type JsonObject,
  metadataLimits,
  parseSignedMetadata,
  type TopLevelRole,
} from '../metadata/index.ts';
import { parseTargetPath } from '../target-path.ts';
import { composeRoot, composeTargets, FEEDS, type Lifetimes, type RoleSetting } from './metadata-writing.ts';
import type { PublishedState } from './repository-folder.ts';
import type { Draft, Drafts } from './settlement.ts';

/** Drafts of the offline roles: what is published or already drafted, with a change. Each begins without signatures. */

export function composeFirst(
  roles: Readonly<Record<TopLevelRole, RoleSetting>>,
  feeds: RoleSetting | undefined,
  nowMs: number,
  lifetimesMs: Lifetimes,
): Drafts {
  return {
    root: unsigned(composeRoot(roles, 1, nowMs + lifetimesMs.root)),
    targets: unsigned(composeTargets({}, feeds, 1, nowMs + lifetimesMs.targets)),
  };
}

export function redraftRoot(
  { trusted }: PublishedState,
  drafts: Drafts,
  roles: { readonly [Role in TopLevelRole]?: RoleSetting | undefined },
  expiresAtMs: number,
): Draft {
  const before = drafts.root?.signed ?? signedOf(trusted.root.bytes);
  const settingOf = (role: TopLevelRole): RoleSetting =>
    roles[role] ?? readSetting(before, before['roles'], role);
  const settings = {
    root: settingOf('root'),
    timestamp: settingOf('timestamp'),
    snapshot: settingOf('snapshot'),
    targets: settingOf('targets'),
  };
  return unsigned(composeRoot(settings, trusted.root.metadata.version + 1, expiresAtMs));
}

export function redraftTargets(
  { trusted }: PublishedState,
  drafts: Drafts,
  change: { readonly files?: JsonObject; readonly feeds?: RoleSetting | undefined },
  expiresAtMs: number,
): Draft {
  const before = drafts.targets?.signed ?? signedOf(trusted.targets?.bytes);
  const files = change.files ?? tableOf(before);
  const version = (trusted.targets?.metadata.version ?? 0) + 1;
  return unsigned(composeTargets(files, change.feeds ?? readFeedsSetting(before), version, expiresAtMs));
}

/** The table of files of targets metadata, given as bytes or as their signed part. */
export function tableOf(metadata: Uint8Array | JsonObject | undefined): JsonObject {
  const signed = metadata instanceof Uint8Array ? signedOf(metadata) : metadata;
  const table = signed?.['targets'];
  return isJsonObject(table) ? table : {};
}

export function hasComponent(files: JsonObject, id: string): boolean {
  return Object.keys(files).some((path) => parseTargetPath(path)?.component === id);
}

function unsigned(signed: JsonObject): Draft {
  return { signed, signatures: new Map() };
}

/** What lies in the repository has been verified before. */
function signedOf(bytes: Uint8Array | undefined): JsonObject {
  return bytes === undefined ? {} : parseSignedMetadata(bytes, metadataLimits.targetsBytes).signed;
}

function readSetting(owner: JsonObject, roles: JsonObject[string] | undefined, role: string): RoleSetting {
  const entry = isJsonObject(roles) ? roles[role] : undefined;
  const keys = owner['keys'];
  if (!isJsonObject(entry) || !isJsonObject(keys)) throw new TypeError(`the role ${role} is wanted`);
  const { keyids, threshold } = entry as { keyids: readonly string[]; threshold: number } & JsonObject;
  return { keys: keyids.map((id) => keys[id] as JsonObject), threshold };
}

function readFeedsSetting(targets: JsonObject): RoleSetting | undefined {
  const delegations = targets['delegations'];
  if (!isJsonObject(delegations)) return undefined;
  const role = (delegations['roles'] as readonly JsonObject[]).find(({ name }) => name === FEEDS);
  return role === undefined ? undefined : readSetting(delegations, { [FEEDS]: role }, FEEDS);
}
