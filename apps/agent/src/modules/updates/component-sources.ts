import type { FileSource } from '@holdfast/components/client';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import { keepIfThereIsRoom } from '../../platform/state.errors.ts';

/** Bytes of components that this agent fetched, since it has kept count. */
export interface LanTraffic {
  readonly fromServerBytes: number;
  readonly fromLanBytes: number;
}

/** Who is asked while something is fetched. */
export interface AskedSources {
  /** Who says what there is. */
  readonly metadata: FileSource;
  /** Who has files, in the order in which they are asked. */
  readonly files: readonly FileSource[];
}

/** Where the files of components come from: the server, and whoever is nearer. None of them is trusted for content. */
export interface ComponentSources {
  /** In the order in which they are asked for files. */
  list(): readonly FileSource[];
  /** Whoever is asked now what there is: the server, unless somebody else is asked in its place. */
  readonly metadata: FileSource;
  /** What comes from it is counted. */
  readonly server: FileSource;
  readonly traffic: LanTraffic;
  /** A source of the LAN, whose bytes are counted. */
  countLan(source: FileSource): FileSource;
  /** Asks these while something is done; one at a time. */
  during<Result>(asked: AskedSources, work: () => Promise<Result>): Promise<Result>;
}

export function createComponentSources(server: FileSource, database: StateDatabase): ComponentSources {
  let traffic = readTraffic(database);
  const counted = countBytes(server, (bytes) => {
    traffic = { ...traffic, fromServerBytes: traffic.fromServerBytes + bytes };
  });
  const usual: AskedSources = { metadata: counted, files: [counted] };
  let asked = usual;
  let saved = traffic;

  const keep = (): void => {
    if (saved === traffic) return;
    saved = traffic;
    keepIfThereIsRoom(() =>
      database.transaction(() => createStateNotes(database).save('lan-traffic', { ...traffic })),
    );
  };

  return {
    server: counted,
    metadata: {
      name: 'whoever says what there is',
      open: async (path, options) => await asked.metadata.open(path, options),
    },
    list: () => asked.files,
    get traffic() {
      return traffic;
    },
    countLan: (source) =>
      countBytes(source, (bytes) => {
        traffic = { ...traffic, fromLanBytes: traffic.fromLanBytes + bytes };
      }),
    during: async (others, work) => {
      asked = others;
      try {
        return await work();
      } finally {
        asked = usual;
        keep();
      }
    },
  };
}

function countBytes(source: FileSource, add: (bytes: number) => void): FileSource {
  return {
    ...source,
    open: async (path, options) => {
      const bytes = await source.open(path, options);
      return bytes && count(bytes, add);
    },
  };
}

async function* count(
  bytes: AsyncIterable<Uint8Array>,
  add: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    add(piece.length);
    yield piece;
  }
}

function readTraffic(database: StateDatabase): LanTraffic {
  const { fromServerBytes, fromLanBytes } = createStateNotes(database).find('lan-traffic') ?? {};
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  return {
    fromServerBytes: isCount(fromServerBytes) ? fromServerBytes : 0,
    fromLanBytes: isCount(fromLanBytes) ? fromLanBytes : 0,
  };
}
