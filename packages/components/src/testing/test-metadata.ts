import { createHash } from 'node:crypto';
import type { FileSource } from '../client/index.ts';
import { formatInstant, type JsonObject } from '../metadata/index.ts';
import { signMetadata } from '../repository/metadata-writing.ts';
import type { SigningKey } from '../repository/index.ts';
import { metadataPath, targetFilePath } from '../repository-path.ts';
import { newKey, testTimeMs } from './test-repository.ts';

type Json = Record<string, unknown>;

/** Metadata of one role that a test can change in any way before it is signed. */
export interface TestRole {
  signed: Json & { version: number; expires: string };
  signers: SigningKey[];
}

export interface TestMetadata {
  readonly roles: Map<string, TestRole>;
  readonly files: Map<string, Uint8Array>;
  /** Paths that were asked for, without `metadata/`. */
  readonly requests: string[];
  readonly source: FileSource;
  readonly keys: Json;
  hasHashes: boolean;
  role(name: string): TestRole;
  /** The next version of each, signed and served; what lists them lists the new version. */
  publish(...names: readonly string[]): void;
  /** Signs and serves again without a new version. */
  serve(name: string): Uint8Array;
  setKeys(role: string, keys: readonly SigningKey[], threshold: number): void;
  delegate(from: string, name: string, options?: DelegationOptions): TestRole;
  addTarget(role: string, path: string, content: string): void;
}

export interface DelegationOptions {
  readonly paths?: readonly string[];
  readonly terminating?: boolean;
}

const day = 24 * 60 * 60_000;
export const safeExpiry = formatInstant(testTimeMs + 30 * day);

export function inDays(days: number): string {
  return formatInstant(testTimeMs + days * day);
}

/**
 * A repository that follows no rule but what a test says: each role can be signed by anybody, be of any version and say anything.
 * The cases that it plays are those of https://github.com/theupdateframework/tuf-conformance.
 */
export function createTestMetadata(): TestMetadata {
  const files = new Map<string, Uint8Array>();
  const requests: string[] = [];
  const published = new Set<string>();
  const roles = new Map<string, TestRole>();
  const keys: Json = {};
  const base = (type: string): TestRole['signed'] => ({
    _type: type,
    spec_version: '1.0.31',
    version: 1,
    expires: safeExpiry,
  });
  const rootRoles: Record<string, { keyids: string[]; threshold: number }> = {};
  for (const name of ['root', 'timestamp', 'snapshot', 'targets']) {
    const key = newKey();
    keys[key.id] = key.publicKey;
    rootRoles[name] = { keyids: [key.id], threshold: 1 };
    roles.set(name, { signed: base(name), signers: [key] });
  }
  const role = (name: string): TestRole => {
    const found = roles.get(name);
    if (found === undefined) throw new TypeError(`there is no role ${name}`);
    return found;
  };
  Object.assign(role('root').signed, { consistent_snapshot: true, keys, roles: rootRoles });
  Object.assign(role('targets').signed, { targets: {} });
  Object.assign(role('snapshot').signed, { meta: { 'targets.json': { version: 1 } } });
  Object.assign(role('timestamp').signed, { meta: { 'snapshot.json': { version: 1 } } });

  function serve(name: string): Uint8Array {
    const { signed, signers } = role(name);
    const bytes = signMetadata(structuredClone(signed) as JsonObject, signers);
    files.set(metadataPath(name, name === 'timestamp' ? undefined : signed.version), bytes);
    return bytes;
  }

  const made: TestMetadata = {
    roles,
    files,
    requests,
    keys,
    hasHashes: false,
    role,
    serve,
    source: {
      name: 'test',
      async open(path, { from, limit }) {
        requests.push(path.replace(/^metadata\//, ''));
        const bytes = files.get(path);
        if (bytes === undefined) return undefined;
        return (async function* () {
          yield bytes.subarray(from, from + limit + 1);
        })();
      },
    },
    publish(...names) {
      for (const name of names) {
        const { signed } = role(name);
        if (published.has(name)) signed.version += 1;
        published.add(name);
        const bytes = serve(name);
        const owner =
          name === 'snapshot'
            ? 'timestamp'
            : name === 'root' || name === 'timestamp'
              ? undefined
              : 'snapshot';
        if (owner === undefined) continue;
        const meta = role(owner).signed['meta'] as Json;
        const hashes = { sha256: createHash('sha256').update(bytes).digest('hex') };
        meta[`${name}.json`] = {
          version: signed.version,
          ...(made.hasHashes ? { length: bytes.length, hashes } : {}),
        };
      }
    },
    setKeys(name, some, threshold) {
      for (const key of some) keys[key.id] = key.publicKey;
      rootRoles[name] = { keyids: some.map(({ id }) => id), threshold };
    },
    delegate(from, name, { paths = ['*'], terminating = false } = {}) {
      const key = newKey();
      const owner = role(from).signed as Json & { delegations?: { keys: Json; roles: Json[] } };
      owner.delegations ??= { keys: {}, roles: [] };
      owner.delegations.keys[key.id] = key.publicKey;
      owner.delegations.roles.push({ name, keyids: [key.id], threshold: 1, terminating, paths: [...paths] });
      const delegated = roles.get(name) ?? { signed: { ...base('targets'), targets: {} }, signers: [] };
      delegated.signers.push(key);
      roles.set(name, delegated);
      return delegated;
    },
    addTarget(name, path, content) {
      const bytes = Buffer.from(content);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      (role(name).signed['targets'] as Json)[path] = { length: bytes.length, hashes: { sha256 } };
      files.set(targetFilePath(path, sha256), bytes);
    },
  };
  made.publish('root', 'targets', 'snapshot', 'timestamp');
  return made;
}

/** What a client keeps, in memory. */
export function createMemoryStore() {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: async (name: string) => files.get(name),
    write: async (name: string, bytes: Uint8Array) => void files.set(name, bytes),
    remove: async (name: string) => void files.delete(name),
    /** The version that is trusted of a role. */
    version(role: string): number | undefined {
      const bytes = files.get(`${role}.json`);
      if (bytes === undefined) return undefined;
      return (JSON.parse(Buffer.from(bytes).toString()) as { signed: { version: number } }).signed.version;
    },
    versions(): Record<string, number | undefined> {
      return Object.fromEntries(
        [...files.keys()]
          .sort()
          .map((name) => [name.slice(0, -'.json'.length), this.version(name.slice(0, -'.json'.length))]),
      );
    },
  };
}
