import { mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type AgentPlatform, agentPlatforms, type AgentPlatformState } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { type ArchivedFile, writeArchive } from './archive-file.ts';
import { isProgramFor } from './program-file.ts';

/** What archives are made of, and where they are kept. */
export interface ArchiveSources {
  /** Kept archives; made when the first one is. Can be deleted at any time. */
  readonly archivesFolder: string;
  /** Runtimes that an administrator has put there for other systems: `PLATFORM/node`. */
  readonly runtimesFolder: string;
  /** The agent as one file. */
  readonly agentProgram: string;
  /** The runtime of this server. */
  readonly ownRuntime: {
    readonly platform: string;
    readonly file: string;
    /** False where it needs libraries of this computer. */
    readonly isPortable: boolean;
  };
}

export interface Archive {
  readonly platform: AgentPlatform;
  readonly fileName: string;
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

type Obstacle = NonNullable<AgentPlatformState['obstacle']>;
export type ShelfPlace =
  | { readonly platform: AgentPlatform; readonly archive: Archive; readonly obstacle: null }
  | { readonly platform: AgentPlatform; readonly archive: null; readonly obstacle: Obstacle };

/** Beside each archive: what it was made of, and what it is. */
const StampSchema = Type.Object({
  madeOf: Type.String(),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  sizeBytes: Type.Integer({ minimum: 1 }),
});

/** For so long a system whose archive could not be made is left alone, whoever asks for it. */
const FAILURE_KEPT_MS = 60_000;
/** What an archive leaves free for whatever else the volume holds, such as the database. */
const ROOM_LEFT_BYTES = 256 * 1024 * 1024;

interface Failure {
  readonly atMs: number;
  readonly obstacle: Obstacle;
}

export interface ArchiveShelfParts {
  readonly version: string;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Undefined: there is nothing to make archives of. */
  readonly sources: ArchiveSources | undefined;
  /** Of the volume of a folder; tests say it themselves. */
  readonly readFreeBytes?: (folder: string) => Promise<number>;
}

/** Top folder of every archive; docs/agent-archive.md. */
const TOP_FOLDER = 'holdfast-agent';

/**
 * The archives of the agent, one for each system that there is a runtime for. Each is made when it is first asked for, by one at a
 * time, and again when what it is made of has changed. One that cannot be made takes none of the others away.
 */
export class ArchiveShelf {
  readonly #version: string;
  readonly #log: Logger;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #sources: ArchiveSources | undefined;
  readonly #readFreeBytes: (folder: string) => Promise<number>;
  readonly #failures = new Map<AgentPlatform, Failure>();
  #listing: Promise<readonly ShelfPlace[]> | undefined;

  constructor({ version, log, clock, sources, readFreeBytes = freeBytesOf }: ArchiveShelfParts) {
    this.#version = version;
    this.#log = log;
    this.#clock = clock;
    this.#sources = sources;
    this.#readFreeBytes = readFreeBytes;
  }

  /** Every system, with its archive or why there is none. Takes seconds when one has to be made. */
  async list(): Promise<readonly ShelfPlace[]> {
    this.#listing ??= this.#make().finally(() => {
      this.#listing = undefined;
    });
    return await this.#listing;
  }

  async #make(): Promise<readonly ShelfPlace[]> {
    const places: ShelfPlace[] = [];
    for (const platform of agentPlatforms) places.push(await this.#place(platform));
    return places;
  }

  async #place(platform: AgentPlatform): Promise<ShelfPlace> {
    const failure = this.#failures.get(platform);
    if (failure !== undefined && this.#clock.monotonic() - failure.atMs < FAILURE_KEPT_MS)
      return { platform, archive: null, obstacle: failure.obstacle };
    this.#failures.delete(platform);
    try {
      return await this.#lookFor(platform);
    } catch (error) {
      const obstacle = isLackOfRoom(error) ? 'no-room' : 'not-made';
      this.#failures.set(platform, { atMs: this.#clock.monotonic(), obstacle });
      this.#log.error({ err: error, platform }, 'an archive of the agent could not be made');
      return { platform, archive: null, obstacle };
    }
  }

  async #lookFor(platform: AgentPlatform): Promise<ShelfPlace> {
    const sources = this.#sources;
    if (sources === undefined) return { platform, archive: null, obstacle: 'agent-not-built' };
    const runtime = await findRuntime(sources, platform);
    if ('obstacle' in runtime) return { platform, archive: null, obstacle: runtime.obstacle };
    const files = await listFiles(sources, runtime.file);
    if (files === undefined) return { platform, archive: null, obstacle: 'agent-not-built' };
    return { platform, archive: await this.#findOrMake(sources, platform, files), obstacle: null };
  }

  async #findOrMake(
    { archivesFolder }: ArchiveSources,
    platform: AgentPlatform,
    files: readonly ArchivedFile[],
  ): Promise<Archive> {
    const fileName = `holdfast-agent-${this.#version}-${platform}.tar.gz`;
    const file = path.join(archivesFolder, fileName);
    const madeOf = await describeFiles(files);
    const kept = await readStamp(`${file}.json`);
    if (kept?.madeOf === madeOf && (await sizeOf(file)) === kept.sizeBytes)
      return { platform, fileName, path: file, sha256: kept.sha256, sizeBytes: kept.sizeBytes };
    await mkdir(archivesFolder, { recursive: true, mode: 0o700 });
    await this.#forget(archivesFolder, `-${platform}.tar.gz`);
    await this.#assertRoom(archivesFolder, files);
    const written = await writeArchive(file, TOP_FOLDER, files);
    await writeFile(`${file}.json`, JSON.stringify({ madeOf, ...written }), { mode: 0o600 });
    this.#log.info({ fileName, ...written }, 'an archive of the agent was made');
    return { platform, fileName, path: file, ...written };
  }

  /** Compressed they take less than they do now. @throws an error like that of a full volume */
  async #assertRoom(folder: string, files: readonly ArchivedFile[]): Promise<void> {
    const sizes = await Promise.all(files.map(async (file) => (await stat(file.path)).size));
    const needed = sizes.reduce((sum, size) => sum + size, ROOM_LEFT_BYTES);
    const free = await this.#readFreeBytes(folder);
    if (free >= needed) return;
    throw Object.assign(new Error(`${folder} has ${free} bytes free, and ${needed} are needed`), {
      code: 'ENOSPC',
    });
  }

  /** Archives of earlier versions. Whoever downloads one at this moment has it open. */
  async #forget(folder: string, ending: string): Promise<void> {
    for (const name of await readdir(folder))
      if (name.includes(ending)) await rm(path.join(folder, name), { force: true });
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function isLackOfRoom(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

async function findRuntime(
  { ownRuntime, runtimesFolder }: ArchiveSources,
  platform: AgentPlatform,
): Promise<{ readonly file: string } | { readonly obstacle: Obstacle }> {
  const brought = path.join(runtimesFolder, platform, 'node');
  switch (await isProgramFor(brought, platform)) {
    case 'yes':
      return { file: brought };
    case 'no':
      return { obstacle: 'runtime-unusable' };
    case 'missing':
  }
  if (ownRuntime.platform !== platform) return { obstacle: 'no-runtime' };
  return ownRuntime.isPortable ? { file: ownRuntime.file } : { obstacle: 'runtime-not-portable' };
}

/** In the order of the archive. @returns undefined where there is no agent */
async function listFiles(
  { agentProgram }: ArchiveSources,
  runtime: string,
): Promise<readonly ArchivedFile[] | undefined> {
  if ((await sizeOf(agentProgram)) === undefined) return undefined;
  // Where a package of the runtime puts it: whoever passes the runtime on passes this on.
  const licence = path.join(path.dirname(runtime), '..', 'LICENSE');
  const hasLicence = (await sizeOf(licence)) !== undefined;
  return [
    ...(hasLicence ? [{ name: 'LICENSE.node', mode: 0o644, path: licence }] : []),
    { name: 'agent.mjs', mode: 0o644, path: agentProgram },
    { name: 'node', mode: 0o755, path: runtime },
  ];
}

async function describeFiles(files: readonly ArchivedFile[]): Promise<string> {
  const facts = files.map(async ({ name, path: file }) => {
    const { size, mtimeMs, ino } = await stat(file);
    return `${name} ${size} ${mtimeMs} ${ino} ${file}`;
  });
  return (await Promise.all(facts)).join('\n');
}

async function readStamp(
  file: string,
): Promise<{ madeOf: string; sha256: string; sizeBytes: number } | undefined> {
  try {
    const stamp: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Check(StampSchema, stamp) ? stamp : undefined;
  } catch {
    // None yet, or one that a full disk cut off: the archive is made again.
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
}
