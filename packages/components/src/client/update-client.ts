import type { Clock } from '@holdfast/kernel';
import { type Catalogue, createCatalogue, type FeedsMetadata } from '../catalogue.ts';
import { ComponentError } from '../component.errors.ts';
import {
  type Delegation,
  haveOnlineKeysChanged,
  isNamed,
  type MetadataFile,
  metadataLimits,
  recallDelegated,
  recallSnapshot,
  recallTargets,
  recallTimestamp,
  requireFresh,
  requireFreshRoot,
  requireListed,
  requireTimestamp,
  type TargetFile,
  type TargetsMetadata,
  type TrustedMetadata,
  trustRoot,
  updateRoot,
  updateSnapshot,
  updateTargets,
  updateTimestamp,
  verifyDelegated,
} from '../metadata/index.ts';
import { metadataFileName, metadataPath, strongestHash, targetFilePath } from '../repository-path.ts';
import type { FileSource, Pace } from './file-source.ts';
import type { MetadataStore } from './metadata-store.ts';
import { defaultPace, receive } from './receive.ts';
import { searchTarget } from './target-search.ts';

export interface UpdateClientNeeds {
  /** Holds `root.json` from the beginning: the one thing that is trusted for the way it came. */
  readonly store: MetadataStore;
  readonly source: FileSource;
  readonly clock: Pick<Clock, 'now'>;
  readonly pace?: Pace;
  /** How long one refresh may take in all. */
  readonly refreshMs?: number;
}

/** A catalogue with what it rests on. */
export interface TrustedCatalogue extends Catalogue {
  readonly versions: {
    readonly root: number;
    readonly timestamp: number;
    readonly snapshot: number;
    readonly targets: number;
  };
  /** From then on nothing of it may be believed. Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

/** A file that metadata vouch for, and where it lies at a source. */
export interface FoundTarget {
  readonly file: TargetFile;
  readonly location: string;
}

export interface UpdateClient {
  /**
   * Follows the client workflow of the TUF specification (5.1 to 5.6). What is verified is stored step by step, so that
   * whatever ends it leaves a state from which the next refresh goes on.
   *
   * @throws ComponentError METADATA_…, SOURCE_…
   */
  refresh(signal: AbortSignal): Promise<TrustedCatalogue>;
  /** What was verified last, without asking anybody. `undefined` when there is nothing, or when it has expired. */
  trusted(): Promise<TrustedCatalogue | undefined>;
  /**
   * Searches the metadata of the last refresh for a file, through delegations (5.6.7).
   *
   * @returns `undefined` when no role vouches for such a file
   * @throws ComponentError METADATA_…, SOURCE_…
   */
  findTarget(path: string, signal: AbortSignal): Promise<FoundTarget | undefined>;
}

const DEFAULT_REFRESH_MS = 10 * 60_000;
const FEEDS = 'feeds';

export function createUpdateClient({
  store,
  source,
  clock,
  pace = defaultPace,
  refreshMs = DEFAULT_REFRESH_MS,
}: UpdateClientNeeds): UpdateClient {
  let refreshed: { trusted: TrustedMetadata; nowMs: number } | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function readMetadata(
    path: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    const outcome = await receive(
      source,
      path,
      { from: 0, limit, pace, signal },
      (piece) => void pieces.push(piece),
    );
    if (outcome === 'missing') return undefined;
    if (outcome === 'too-long')
      throw new ComponentError('METADATA_TOO_LARGE', `The file ${path} has more than ${limit} bytes.`);
    return Buffer.concat(pieces);
  }

  async function requireMetadata(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await readMetadata(path, limit, signal);
    if (bytes === undefined)
      throw new ComponentError('METADATA_MISSING', `${source.name} does not have ${path}.`, {
        retry: 'safe',
      });
    return bytes;
  }

  async function loadRoot(): Promise<TrustedMetadata> {
    const bytes = await store.read('root.json');
    if (bytes === undefined) {
      throw new ComponentError('METADATA_STORE_EMPTY', 'There is no root of trust yet.', {
        remedy: 'Give this client the root of the repository first.',
      });
    }
    return trustRoot(bytes);
  }

  /** 5.3: one root after the other, each vouched for by the one before it. */
  async function followRoots(first: TrustedMetadata, signal: AbortSignal): Promise<TrustedMetadata> {
    let trusted = first;
    for (let count = 0; count < metadataLimits.rootsPerRefresh; count += 1) {
      const path = metadataPath('root', trusted.root.metadata.version + 1);
      const bytes = await readMetadata(path, metadataLimits.rootBytes, signal);
      if (bytes === undefined) break;
      const next = updateRoot(trusted, bytes);
      // 5.3.11, before the new root is stored: what ends this in between must not leave files behind that the new root
      // means to get rid of.
      if (haveOnlineKeysChanged(trusted.root.metadata, next.root.metadata)) {
        await store.remove('timestamp.json');
        await store.remove('snapshot.json');
      }
      await store.write('root.json', bytes);
      trusted = next;
    }
    return trusted;
  }

  /** Takes back what is stored, as far as today's root vouches for it. */
  async function recall(root: TrustedMetadata): Promise<TrustedMetadata> {
    const timestamped = await recallStored(root, 'timestamp', recallTimestamp);
    const listed = await recallStored(timestamped, 'snapshot', recallSnapshot);
    return await recallStored(listed, 'targets', recallTargets);
  }

  async function recallStored(
    trusted: TrustedMetadata,
    role: string,
    take: (trusted: TrustedMetadata, bytes: Uint8Array) => TrustedMetadata,
  ): Promise<TrustedMetadata> {
    const bytes = await store.read(metadataFileName(role));
    if (bytes === undefined) return trusted;
    try {
      return take(trusted, bytes);
    } catch (error) {
      // Damaged, or signed by keys that are no longer the role's: as if it were not there.
      if (error instanceof ComponentError) return trusted;
      throw error;
    }
  }

  async function followTimestamp(
    trusted: TrustedMetadata,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<TrustedMetadata> {
    const path = metadataPath('timestamp', undefined);
    const bytes = await requireMetadata(path, metadataLimits.timestampBytes, signal);
    const next = updateTimestamp(trusted, bytes, nowMs);
    if (next !== trusted) await store.write('timestamp.json', bytes);
    return next;
  }

  function versionedPath(trusted: TrustedMetadata, role: string, named: MetadataFile): string {
    return metadataPath(role, trusted.root.metadata.isConsistent ? named.version : undefined);
  }

  async function followSnapshot(
    trusted: TrustedMetadata,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<TrustedMetadata> {
    const named = requireTimestamp(trusted).snapshot;
    const stored = trusted.snapshot;
    if (stored !== undefined && isNamed(stored, named)) return updateSnapshot(trusted, stored.bytes, nowMs);
    const limit = Math.min(named.length ?? Number.POSITIVE_INFINITY, metadataLimits.snapshotBytes);
    const bytes = await requireMetadata(versionedPath(trusted, 'snapshot', named), limit, signal);
    const next = updateSnapshot(trusted, bytes, nowMs);
    await store.write('snapshot.json', bytes);
    return next;
  }

  async function followTargets(
    trusted: TrustedMetadata,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<TrustedMetadata> {
    const named = requireListed(trusted, 'targets');
    const stored = trusted.targets;
    if (stored !== undefined && isNamed(stored, named)) return updateTargets(trusted, stored.bytes, nowMs);
    const bytes = await requireMetadata(versionedPath(trusted, 'targets', named), limitOf(named), signal);
    const next = updateTargets(trusted, bytes, nowMs);
    await store.write('targets.json', bytes);
    return next;
  }

  /** 5.6.7 for one delegated role. What is stored is verified again, against this delegation. */
  async function followDelegated(
    trusted: TrustedMetadata,
    delegator: TargetsMetadata,
    delegation: Delegation,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<TargetsMetadata> {
    const named = requireListed(trusted, delegation.name);
    const name = metadataFileName(delegation.name);
    const stored = await store.read(name);
    if (stored !== undefined) {
      try {
        return verifyDelegated(trusted, delegator, delegation, stored, nowMs);
      } catch (error) {
        // An older version, damaged, or not this delegator's: the source may have what is wanted.
        if (!(error instanceof ComponentError)) throw error;
      }
    }
    const bytes = await requireMetadata(
      versionedPath(trusted, delegation.name, named),
      limitOf(named),
      signal,
    );
    const metadata = verifyDelegated(trusted, delegator, delegation, bytes, nowMs);
    await store.write(name, bytes);
    return metadata;
  }

  async function refresh(outer: AbortSignal): Promise<TrustedCatalogue> {
    refreshed = undefined;
    const nowMs = clock.now(); // 5.1
    const deadline = AbortSignal.timeout(refreshMs);
    const signal = AbortSignal.any([outer, deadline]);
    try {
      const root = await followRoots(await loadRoot(), signal); // 5.2, 5.3
      requireFreshRoot(root, nowMs); // 5.3.10
      const timestamped = await followTimestamp(await recall(root), nowMs, signal); // 5.4
      const listed = await followSnapshot(timestamped, nowMs, signal); // 5.5
      const trusted = await followTargets(listed, nowMs, signal); // 5.6
      const catalogue = await addFeeds(trusted, (feeds, targets) =>
        followDelegated(trusted, targets, feeds, nowMs, signal),
      );
      refreshed = { trusted, nowMs };
      return catalogue;
    } catch (error) {
      if (deadline.aborted && !outer.aborted && error === deadline.reason) {
        throw new ComponentError('SOURCE_SLOW', `${source.name} takes too long for its metadata.`, {
          cause: error,
          retry: 'safe',
        });
      }
      throw error;
    }
  }

  async function trusted(): Promise<TrustedCatalogue | undefined> {
    const nowMs = clock.now();
    try {
      const stored = await recall(await loadRoot());
      const { timestamp, snapshot, targets } = stored;
      if (timestamp === undefined || snapshot === undefined || targets === undefined) return undefined;
      requireFreshRoot(stored, nowMs);
      requireFresh('timestamp', timestamp.metadata, nowMs);
      requireFresh('snapshot', snapshot.metadata, nowMs);
      requireFresh('targets', targets.metadata, nowMs);
      return await addFeeds(stored, async (feeds, delegator) => {
        const bytes = await store.read(metadataFileName(FEEDS));
        if (bytes === undefined) throw new ComponentError('METADATA_MISSING', 'The feeds are not there.');
        const metadata = recallDelegated(delegator, feeds, bytes);
        requireFresh(FEEDS, metadata, nowMs);
        return metadata;
      });
    } catch (error) {
      if (error instanceof ComponentError) return undefined;
      throw error;
    }
  }

  /** The catalogue; feeds that cannot be believed are told in it and hinder nothing else. */
  async function addFeeds(
    trusted: TrustedMetadata,
    load: (feeds: Delegation, delegator: TargetsMetadata) => Promise<TargetsMetadata>,
  ): Promise<TrustedCatalogue> {
    const targets = trusted.targets?.metadata;
    if (targets === undefined) throw new TypeError('trusted targets are wanted first');
    const delegation = targets.delegations.find(({ name }) => name === FEEDS);
    if (delegation === undefined) return describe(trusted, targets, undefined, []);
    try {
      const feeds = { delegation, targets: await load(delegation, targets) };
      return describe(trusted, targets, feeds, []);
    } catch (error) {
      if (!(error instanceof ComponentError) || !error.code.startsWith('METADATA_')) throw error;
      return describe(trusted, targets, undefined, [{ path: FEEDS, reason: error.message }]);
    }
  }

  async function findTarget(path: string, signal: AbortSignal): Promise<FoundTarget | undefined> {
    if (refreshed === undefined) throw new TypeError('a refresh that succeeds is wanted first');
    const { trusted, nowMs } = refreshed;
    const targets = trusted.targets?.metadata;
    if (targets === undefined) return undefined;
    const file = await searchTarget(path, targets, (delegation, delegator) =>
      followDelegated(trusted, delegator, delegation, nowMs, signal),
    );
    if (file === undefined) return undefined;
    const hash = trusted.root.metadata.isConsistent ? strongestHash(file.hashes)?.digest : undefined;
    return { file, location: targetFilePath(path, hash) };
  }

  /** One after the other: two at a time would write each other's steps. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  return {
    refresh: (signal) => inTurn(() => refresh(signal)),
    trusted: () => inTurn(trusted),
    findTarget: (path, signal) => inTurn(() => findTarget(path, signal)),
  };
}

function limitOf(named: MetadataFile): number {
  return Math.min(named.length ?? Number.POSITIVE_INFINITY, metadataLimits.targetsBytes);
}

function describe(
  { root, timestamp, snapshot }: TrustedMetadata,
  targets: TargetsMetadata,
  feeds: FeedsMetadata | undefined,
  refused: Catalogue['refused'],
): TrustedCatalogue {
  const catalogue = createCatalogue(targets, feeds);
  const ends = [root.metadata, timestamp?.metadata, snapshot?.metadata, targets, feeds?.targets];
  return {
    components: catalogue.components,
    refused: [...refused, ...catalogue.refused],
    versions: {
      root: root.metadata.version,
      timestamp: timestamp?.metadata.version ?? 0,
      snapshot: snapshot?.metadata.version ?? 0,
      targets: targets.version,
    },
    expiresAtMs: Math.min(...ends.flatMap((end) => end?.expiresAtMs ?? [])),
  };
}
