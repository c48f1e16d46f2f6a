import { ComponentError, type ComponentRelease, type SignedFile } from '@holdfast/components';
import {
  type FileSource,
  metadataPath,
  type MetadataStore,
  targetFilePath,
  type TrustedCatalogue,
} from '@holdfast/components/client';
import type { ComponentUpdates } from '../active-agent/index.ts';
import type { AskedSources, ComponentSources } from './component-sources.ts';

const RETRY_AFTER_MS = 60_000;
/** Files of metadata that have a version in their name; the timestamp has none. */
const versionedRoles = ['root', 'snapshot', 'targets', 'feeds'];

export interface LanUpdatesOptions {
  /** Version of the catalogue that was followed last; 0: none. */
  readonly findRevision: () => number;
  readonly metadata: Pick<MetadataStore, 'read'>;
  readonly sources: Pick<ComponentSources, 'server' | 'countLan'>;
  /** What was verified before this process began. */
  readonly readTrusted: () => Promise<TrustedCatalogue | undefined>;
  /** Follows the metadata and fetches what this agent needs. */
  readonly run: (asked: AskedSources, signal: AbortSignal) => Promise<void>;
}

/** The updates of this agent, as the other agents of its LAN need them. */
export interface LanUpdates extends ComponentUpdates {
  start(): Promise<void>;
  /** What was verified last. */
  note(catalogue: TrustedCatalogue): void;
  /** A run for everything is over, whoever wanted it. */
  noteRun(): void;
  /** Metadata were followed: what they are now is there for others. */
  noteLook(): void;
}

export function createLanUpdates({
  findRevision,
  metadata,
  sources,
  readTrusted,
  run,
}: LanUpdatesOptions): LanUpdates {
  const listeners = new Set<() => void>();
  let vouched: ReadonlyMap<string, SignedFile> = new Map();
  let urgent: ReadonlySet<string> | undefined;
  let urgentRevision = 0;
  let revision = findRevision();

  const note = (catalogue: TrustedCatalogue): void => {
    const newest = [...catalogue.components.values()].map((entry) => entry.newest);
    vouched = listFiles([...catalogue.components.values()].flatMap(({ releases }) => releases));
    const now = new Set(
      newest.filter(({ isUrgent }) => isUrgent).map(({ component, release }) => `${component.id} ${release}`),
    );
    // What was there before this process is not news.
    if (urgent !== undefined && [...now].some((one) => urgent?.has(one) !== true))
      urgentRevision = catalogue.versions.snapshot;
    urgent = now;
  };

  const noteRun = (): void => {
    const found = findRevision();
    if (found === revision) return;
    revision = found;
    noteLook();
  };

  const noteLook = (): void => {
    for (const listener of listeners) listener();
  };

  return {
    get revision() {
      return revision;
    },
    get urgentRevision() {
      return Math.min(urgentRevision, revision);
    },
    findVouched: (path) => vouched.get(path),
    readMetadata: async () => await readMetadata(metadata),
    start: async () => {
      const trusted = await readTrusted();
      if (trusted !== undefined && vouched.size === 0) note(trusted);
    },
    note,
    noteRun,
    noteLook,
    update: async (asked, signal) => {
      const [first, ...others] = asked;
      if (first === undefined) throw new TypeError('an update needs a source');
      if (asked.includes(sources.server)) {
        await run({ metadata: sources.server, files: asked }, signal);
      } else {
        const watched = watchSource(sources.countLan(first));
        try {
          await run({ metadata: watched.source, files: [watched.source, ...others, sources.server] }, signal);
        } catch (error) {
          watched.throwIfItFailed();
          if (error instanceof ComponentError && error.code.startsWith('METADATA_')) throw error;
          // The server could not be told, or the disk is full: it is not the Active Agent that failed.
          throw new ComponentError('SOURCE_UNREACHABLE', 'The update could not be finished.', {
            cause: error,
            retry: 'safe',
            facts: { retryAfterMs: RETRY_AFTER_MS },
          });
        }
        noteRun();
        // The server helped out; whoever made that necessary is left alone for a while.
        watched.throwIfItFailed();
      }
      noteRun();
      return { revision };
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** By their place in the repository. */
function listFiles(releases: readonly ComponentRelease[]): ReadonlyMap<string, SignedFile> {
  const files = releases.flatMap(({ full, increments }) => [full, ...increments]);
  return new Map(files.map((file) => [targetFilePath(file.path, file.sha256), file]));
}

/** What this agent has verified, by the names under which a repository has it. */
async function readMetadata(store: Pick<MetadataStore, 'read'>): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const role of versionedRoles) {
    const bytes = await store.read(`${role}.json`);
    const version = bytes && readVersion(bytes);
    if (bytes !== undefined && version !== undefined) files.set(metadataPath(role, version), bytes);
  }
  // Last: whoever reads it finds the others there.
  const timestamp = await store.read('timestamp.json');
  if (timestamp !== undefined) files.set(metadataPath('timestamp', undefined), timestamp);
  return files;
}

/** Of metadata that were verified when they were stored. */
function readVersion(bytes: Uint8Array): number | undefined {
  try {
    const { signed } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { signed?: { version?: unknown } };
    return typeof signed?.version === 'number' ? signed.version : undefined;
  } catch {
    // Damaged on the disk: it is fetched again with the next look, and nobody is served it.
    return undefined;
  }
}

/** Remembers that a source failed: an error, an end in the middle, or a file that had to be asked for again because it was wrong. */
function watchSource(source: FileSource): { readonly source: FileSource; throwIfItFailed(): void } {
  let failure: unknown;
  const asked = new Set<string>();
  const note = (error: unknown): unknown => (failure = error);

  async function* watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      throw note(error);
    }
  }

  return {
    source: {
      name: source.name,
      open: async (path, options) => {
        if (asked.has(path) && path.startsWith('targets/'))
          note(new ComponentError('TARGET_WRONG', `What ${source.name} sent was not what was signed for.`));
        asked.add(path);
        try {
          const bytes = await source.open(path, options);
          return bytes && watch(bytes);
        } catch (error) {
          throw note(error);
        }
      },
    },
    throwIfItFailed: () => {
      if (failure !== undefined) throw failure as Error;
    },
  };
}
