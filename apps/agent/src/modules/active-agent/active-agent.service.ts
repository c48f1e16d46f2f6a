import { mkdir } from 'node:fs/promises';
import { availableParallelism, loadavg, type networkInterfaces, uptime } from 'node:os';
import { join } from 'node:path';
import type { FileSource } from '@holdfast/components/client';
import { createFileServer, type SentFile } from '@holdfast/components/transfer';
import { AppError, type Clock, encodeHex } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import type { RunProgram } from '../../platform/program-output.ts';
import { type DeviceFacts, readDeviceFacts } from './device-facts.ts';
import { assessFitness, type Fitness } from './fitness.ts';
import { fromIpv4Hex, fromIpv6Hex, type Segment } from './lan/segments.ts';
import { noIpv4 } from './lan/lan-datagram.ts';
import { lanPort } from './lan/lan-link.ts';
import { createLanElection, type LanElection, type SegmentView } from './lan-election.ts';
import type { LanSettings, LanSettingsSource } from './lan-settings.ts';
import {
  createCacheSource,
  createFileCache,
  type FileCache,
  type VouchedFile,
} from './sharing/file-cache.ts';
import { createLanServer, type LanServer } from './sharing/lan-server.ts';
import { createLanSource, type LanSource } from './sharing/lan-source.ts';
import { createMember, type Member } from './sharing/member.ts';
import { memberTiming } from './sharing/member-step.ts';

/** How often the computer is looked at. Windows needs a second of a processor for it. */
const FACTS_EVERY_MS = 60_000;
const WINDOWS_FACTS_EVERY_MS = 600_000;
const RETRY_AFTER_MS = 5_000;
/** A member has more than one file on its way only when it takes up one that broke. */
const MAX_UPLOADS_OF_MEMBER = 2;
/** How long one file may be waited for at an Active Agent that says it is busy. */
const BUSY_PATIENCE_MS = 60_000;

/** What keeps the components of this agent up to date, as the LAN needs it. */
export interface ComponentUpdates {
  /** Version of the signed list that this agent has made true, and of the newest one with something urgent in it; 0: none. */
  readonly revision: number;
  readonly urgentRevision: number;
  /** The metadata that this agent has verified, by their place in the repository. */
  readMetadata(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** What the signed metadata that this agent trusts say of a file of the repository, whether this agent needs it or not. */
  findVouched(path: string): VouchedFile | undefined;
  /**
   * Follows the metadata and fetches what this agent needs, from these sources in their order.
   *
   * @returns the version that it now has
   * @throws AppError where that failed
   */
  update(sources: readonly FileSource[], signal: AbortSignal): Promise<{ readonly revision: number }>;
  /** Told when `revision` has changed by itself, until the function that is answered is called. */
  listen(listener: () => void): () => void;
}

export interface ActiveAgentOptions {
  readonly productNumber: number;
  readonly settings: LanSettingsSource;
  readonly updates: ComponentUpdates;
  /** Where an Active Agent, and whoever has none, fetches from. */
  readonly server: FileSource;
  /** The server has answered lately. */
  readonly isServerReached: () => boolean;
  /** State folder; the cache is `lan-cache` in it. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly run: RunProgram;
  readonly findInterfaces: typeof networkInterfaces;
  readonly port?: number;
  readonly onSent?: (sent: SentFile) => void;
  /** Somewhere another agent is the Active Agent now, or a network came or went; not told twice of the same. */
  readonly onStanding?: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** How this agent stands on its LANs, for status and heartbeat. */
export interface LanView {
  readonly segments: readonly SegmentView[];
  readonly fitness: Readonly<Record<string, Fitness>>;
  readonly cacheBytes: number;
}

/** This agent among the agents of its LANs: elected or following. */
export interface ActiveAgent {
  readonly view: LanView;
  start(): void;
  /** The server said with a heartbeat what the newest states are. */
  noteServerWord(revision: number, urgentRevision: number): void;
  /** An administrator wants everything to be up to date now. */
  updateNow(): void;
  /** Asks the Active Agent that is followed, if there is one, while something is done. */
  withLeader<Result>(work: (leader: FileSource | undefined) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** What there is while the settings are those settings. */
interface Running {
  readonly election: LanElection;
  readonly server: LanServer;
  readonly cache: FileCache;
}

export function createActiveAgent(options: ActiveAgentOptions): ActiveAgent {
  const { settings, updates, clock, random, log } = options;
  let facts: DeviceFacts | undefined;
  let running: Running | undefined;
  let ticks: NodeJS.Timeout | undefined;
  let isStopped = true;
  let standing = '[]';
  /** What cannot be changed while it runs. */
  let inForce = '';
  /** Settings are put in force one after the other. */
  let turn: Promise<void> = Promise.resolve();
  const forget: (() => void)[] = [];

  const assess = (segment: Segment): Fitness => {
    const current = settings.current();
    const known = facts ?? unknownFacts;
    return assessFitness(
      {
        ...known,
        isWired: !known.wireless.has(segment.name),
        uptimeS: uptime(),
        loadPerCore: (loadavg()[0] ?? 0) / availableParallelism(),
        isServerReached: options.isServerReached(),
      },
      { isOptedOut: current?.isOptedOut !== false, isPinned: current?.isPinned === true },
    );
  };

  const member: Member = createMember({
    revision: updates.revision,
    clock,
    random,
    findWindowMs: () => settings.current()?.windowMs ?? 0,
    isOnLan: () =>
      settings.current()?.isOn === true && (running === undefined || running.election.views.length > 0),
    fetch: async (from, signal, givenUp) => {
      const lan = from === 'lan' ? openLanSource(givenUp) : undefined;
      try {
        // What an Active Agent fetches for itself is there for the others, and comes from the server once.
        const isActive = running?.election.views.some((view) => view.isActive) === true;
        const cached = isActive && running !== undefined ? [createCacheSource(running.cache)] : [];
        const sources = lan === undefined ? [...cached, options.server] : [lan];
        return (await updates.update(sources, signal)).revision;
      } finally {
        lan?.close();
      }
    },
    log,
  });

  /** The Active Agent that is followed, on the first segment that has one. */
  const findLeader = (): SegmentView | undefined =>
    running?.election.views.find(({ leader }) => leader !== undefined && leader.beacon.port !== 0);

  const openLanSource = (givenUp: AbortSignal): LanSource => {
    const view = findLeader();
    const key = settings.current()?.keys[0];
    if (view?.leader === undefined || key === undefined)
      throw new LanError('ACTIVE_AGENT_GONE', 'There is no Active Agent any more.');
    const { beacon, productNumber } = view.leader;
    const isIpv4 = view.segment.ipv4 !== undefined && beacon.ipv4 !== noIpv4;
    const address = isIpv4
      ? fromIpv4Hex(beacon.ipv4)
      : `${fromIpv6Hex(beacon.ipv6)}%${view.segment.ipv6?.zone ?? ''}`;
    return createLanSource({
      productNumber,
      address,
      port: beacon.port,
      key,
      busyPatienceMs: BUSY_PATIENCE_MS,
      givenUp,
    });
  };

  const followElections = (): void => {
    const views = running?.election.views ?? [];
    const now = JSON.stringify(
      views.map(({ segment, isActive, leader }) => [segment, isActive, leader?.productNumber]),
    );
    if (now !== standing && !isStopped) options.onStanding?.();
    standing = now;
    member.setActive(views.some(({ isActive }) => isActive));
    const leader = findLeader()?.leader;
    member.setOffer(
      leader === undefined
        ? undefined
        : {
            productNumber: leader.productNumber,
            revision: leader.beacon.revision,
            urgentRevision: leader.beacon.urgentRevision,
          },
    );
  };

  const readFacts = async (): Promise<void> => {
    const folder = join(options.home, 'lan-cache');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    facts = await readDeviceFacts({ platform: options.platform, run: options.run, folder });
    running?.election.assess();
    followElections();
  };

  /** So that members follow what this agent has followed. */
  const keepMetadata = async (cache: FileCache): Promise<void> =>
    await cache.keepMetadata(await updates.readMetadata());

  const onUpdated = async (): Promise<void> => {
    try {
      if (running !== undefined) await keepMetadata(running.cache);
    } catch (error) {
      log.warn(codeOf(error), `Members cannot follow: ${describeError(error)}`);
    }
    member.setRevision(updates.revision);
    running?.election.assess();
  };

  const begin = async (current: LanSettings, [key, ...others]: LanSettings['keys']): Promise<void> => {
    if (key === undefined) return;
    await readFacts();
    const cache = createFileCache({
      folder: join(options.home, 'lan-cache'),
      maxBytes: () => settings.current()?.maxCacheBytes ?? 0,
      source: options.server,
      findVouched: (path) => updates.findVouched(path),
      clock,
      log,
    });
    await cache.start();
    await keepMetadata(cache);
    const server = createLanServer({
      keys: [key, ...others],
      files: createFileServer({
        folder: cache,
        limits: {
          maxAtOnce: current.maxUploads,
          maxOfCaller: MAX_UPLOADS_OF_MEMBER,
          retryAfterMs: RETRY_AFTER_MS,
        },
        rates: () => ({
          all: current.maxUploadBytesPerS === 0 ? undefined : current.maxUploadBytesPerS,
        }),
        clock,
        ...(options.onSent === undefined ? {} : { onSent: options.onSent }),
        onFault: (error) => log.warn(codeOf(error), describeError(error)),
      }),
      provide: async (path, signal) => await cache.provide(path, signal),
      retryAfterMs: RETRY_AFTER_MS,
      log,
    });
    const election = createLanElection({
      productNumber: options.productNumber,
      keys: [key, ...others],
      findHints: () => settings.current()?.hints ?? [],
      port: options.port ?? lanPort,
      findInterfaces: options.findInterfaces,
      platform: options.platform,
      findFitness: (segment) => assess(segment).fitness,
      findNews: () => ({
        port: server.port,
        revision: updates.revision,
        urgentRevision: updates.urgentRevision,
      }),
      onChange: () => {
        serveWhereActive();
        followElections();
      },
      clock,
      random,
      log,
    });
    running = { election, server, cache };
    election.start();
  };

  /** It listens from the first time that it is the Active Agent: members that are late still get what they have begun. */
  const serveWhereActive = (): void => {
    const { election, server } = running ?? {};
    if (election === undefined || server === undefined || server.port !== 0) return;
    if (!election.views.some(({ isActive }) => isActive)) return;
    server.open(options.port ?? lanPort).catch((error: unknown) => {
      log.warn(codeOf(error), `Members cannot be served: ${describeError(error)}`);
    });
  };

  const end = async (): Promise<void> => {
    const ended = running;
    running = undefined;
    ended?.election.stop();
    followElections();
    await Promise.all([ended?.server.close(), ended?.cache.stop()]);
  };

  const putInForce = (): void => {
    turn = turn
      .then(async () => {
        const current = isStopped ? undefined : settings.current();
        const wanted = current?.isOn === true ? describeFixed(current) : '';
        if (wanted === inForce && (wanted !== '' || running === undefined)) {
          running?.election.assess();
          return;
        }
        await end();
        inForce = '';
        if (current?.isOn !== true) return;
        await begin(current, current.keys);
        inForce = wanted;
      })
      .catch((error: unknown) => log.warn(codeOf(error), `The LAN is left alone: ${describeError(error)}`));
  };

  return {
    get view() {
      const segments = running?.election.views ?? [];
      const fitness = Object.fromEntries(segments.map(({ segment }) => [segment.name, assess(segment)]));
      return { segments, fitness, cacheBytes: running?.cache.usedBytes ?? 0 };
    },
    start: () => {
      isStopped = false;
      forget.push(
        settings.listen(putInForce),
        updates.listen(() => void onUpdated()),
      );
      const lookAgain = (): void => {
        if (running === undefined) {
          // A start that failed, on a full disk say, is tried again.
          if (settings.current()?.isOn === true) putInForce();
          return;
        }
        readFacts().catch((error: unknown) => log.debug('FACTS_UNREADABLE', describeError(error)));
      };
      ticks = setInterval(lookAgain, options.platform === 'win32' ? WINDOWS_FACTS_EVERY_MS : FACTS_EVERY_MS);
      ticks.unref();
      member.start();
      putInForce();
    },
    noteServerWord: (revision, urgentRevision) => member.noteServerWord(revision, urgentRevision),
    updateNow: () => member.updateNow(),
    withLeader: async (work) => {
      const isFollowing =
        findLeader() !== undefined && running?.election.views.every((view) => !view.isActive);
      const givenUp = AbortSignal.timeout(memberTiming.urgentTransferMs);
      const leader = isFollowing === true ? openLanSource(givenUp) : undefined;
      try {
        return await work(leader);
      } finally {
        leader?.close();
      }
    },
    stop: async () => {
      isStopped = true;
      clearInterval(ticks);
      for (const one of forget.splice(0)) one();
      member.stop();
      putInForce();
      await turn;
    },
  };
}

function describeFixed({ keys, maxUploads }: LanSettings): string {
  return JSON.stringify([keys.map(({ id }) => encodeHex(id)), maxUploads]);
}

/** Before the first look nobody is elected. */
const unknownFacts: DeviceFacts = {
  isOnMains: true,
  isMetered: false,
  isOnVpn: false,
  wireless: new Set(),
  freeDiskBytes: Number.NaN,
};

class LanError extends AppError<'ACTIVE_AGENT_GONE'> {}
