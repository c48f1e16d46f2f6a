import { mkdir } from 'node:fs/promises';
import type { Clock } from '@holdfast/kernel';
import type { ComponentDescription } from '../component.ts';
import { ComponentError } from '../component.errors.ts';
import { type Disk, systemDisk } from '../disk.ts';
import type { TopLevelRole } from '../metadata/index.ts';
import { formatReleaseCustom, parseReleaseCustom } from '../release-custom.ts';
import type { TargetArea } from '../target-path.ts';
import { composeFirst, hasComponent, redraftRoot, redraftTargets, tableOf } from './draft-writing.ts';
import {
  defaultLifetimesMs,
  FEEDS,
  type Lifetimes,
  type RoleName,
  type RoleSetting,
} from './metadata-writing.ts';
import { pruneRepository } from './pruning.ts';
import {
  draftPath,
  fileIn,
  type PublishedState,
  readPublished,
  requireOwnFolders,
} from './repository-folder.ts';
import { withRepositoryLock } from './repository-lock.ts';
import { type ChangeOutcome, type Drafts, readDrafts, settle, type SettleNeeds } from './settlement.ts';
import type { SigningKey } from './signing-key.ts';
import { type MakeIncrement, writeRelease } from './target-writing.ts';

export interface RepositoryNeeds {
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly lifetimesMs?: Lifetimes;
  readonly disk?: Disk;
}

export interface NewRepository {
  readonly roles: Readonly<Record<TopLevelRole, RoleSetting>>;
  /** `undefined` where the server brings in nothing by itself. */
  readonly feeds: RoleSetting | undefined;
  readonly keys: readonly SigningKey[];
}

export interface ReleaseToPublish {
  /** `feeds` for what a server brings in, signed by a key that is at hand; `components` otherwise. */
  readonly area: TargetArea;
  readonly component: ComponentDescription;
  readonly release: number;
  readonly version: string;
  readonly isUrgent: boolean;
  /** The full file, wherever it lies; it is copied. */
  readonly file: string;
  /** Without it there are full files only. */
  readonly makeIncrement?: MakeIncrement;
  readonly onProgress?: (step: { readonly done: number; readonly all: number }) => void;
  readonly keys: readonly SigningKey[];
}

export interface KeyRotation {
  /** All the keys of a role from now on, for each role that changes. */
  readonly roles: { readonly [Role in RoleName]?: RoleSetting };
  /** Old and new ones, as far as they are at hand. */
  readonly keys: readonly SigningKey[];
}

/**
 * The publisher's side of a repository: a folder of static files that any web server can serve. Each call takes the lock,
 * reads what is published, and either publishes or leaves a draft that waits for signatures. What is published before and
 * after is whole, wherever a call is ended.
 *
 * All throw ComponentError REPOSITORY_NOT_FOUND, REPOSITORY_BUSY, REPOSITORY_DAMAGED, REPOSITORY_UNWRITABLE and, where
 * nothing can wait for it, SIGNATURES_MISSING.
 */
export interface Repository {
  /** @throws ComponentError REPOSITORY_EXISTS */
  create(repository: NewRepository): Promise<ChangeOutcome>;
  /** @throws ComponentError COMPONENT_INVALID, RELEASE_NOT_NEWER */
  publish(release: ReleaseToPublish): Promise<ChangeOutcome>;
  /** Adds signatures to what waits for them, and publishes it when they suffice. @throws ComponentError DRAFT_NOT_FOUND */
  sign(keys: readonly SigningKey[]): Promise<ChangeOutcome>;
  /** Signs the timestamp anew, and what of snapshot and feeds is past half of its time. Drafts go on waiting. */
  refresh(keys: readonly SigningKey[]): Promise<ChangeOutcome>;
  /** Makes offline metadata last longer: the same content, signed again. */
  renew(role: 'root' | 'targets', keys: readonly SigningKey[]): Promise<ChangeOutcome>;
  rotateKeys(rotation: KeyRotation): Promise<ChangeOutcome>;
  /** Gives up what waits for signatures. */
  discardDrafts(): Promise<void>;
}

const nothing: Drafts = { root: undefined, targets: undefined };

export function createRepository({
  folder,
  clock,
  lifetimesMs = defaultLifetimesMs,
  disk = systemDisk,
}: RepositoryNeeds): Repository {
  type Change = Pick<SettleNeeds, 'drafts' | 'feeds'>;

  interface Now {
    readonly state: PublishedState | undefined;
    readonly drafts: Drafts;
    readonly nowMs: number;
  }

  async function change(
    keys: readonly SigningKey[],
    work: (now: Now) => Promise<Change>,
  ): Promise<ChangeOutcome> {
    await requireOwnFolders(folder);
    return await withRepositoryLock(folder, async () => {
      const state = await readPublished(folder);
      const now = { state, drafts: await readDrafts(folder, state), nowMs: clock.now() };
      const changed = await work(now);
      const outcome = await settle({ folder, disk, state, keys, nowMs: now.nowMs, lifetimesMs, ...changed });
      if (outcome.published !== undefined) await pruneRepository(folder, disk);
      return outcome;
    });
  }

  /** A change of something that is published already. */
  async function changePublished(
    keys: readonly SigningKey[],
    work: (now: Now & { readonly state: PublishedState }) => Promise<Change>,
  ): Promise<ChangeOutcome> {
    return await change(keys, async ({ state, ...now }) => {
      if (state === undefined) {
        throw new ComponentError('REPOSITORY_NOT_FOUND', 'Nothing has been published in this folder yet.', {
          remedy:
            now.drafts.root === undefined
              ? 'Create the repository first, with "holdfast components init".'
              : 'Its first metadata wait for signatures: "holdfast components sign".',
        });
      }
      return await work({ ...now, state });
    });
  }

  async function publish(release: ReleaseToPublish): Promise<ChangeOutcome> {
    const { area, component, file, makeIncrement, onProgress, keys } = release;
    const custom = parseReleaseCustom(formatReleaseCustom(release), { unknownMembers: 'refuse' });
    if (area === FEEDS && component.kind === 'program') {
      throw new ComponentError(
        'COMPONENT_INVALID',
        'A program cannot come by a feed: its key lies on a server.',
      );
    }
    return await changePublished(keys, async ({ state, drafts, nowMs }) => {
      const targets = tableOf(drafts.targets?.signed ?? state.trusted.targets?.bytes);
      const feeds = tableOf(state.feeds?.file?.bytes);
      const isFeed = area === FEEDS;
      if (hasComponent(isFeed ? targets : feeds, component.id))
        throw new ComponentError(
          'COMPONENT_INVALID',
          `The component ${component.id} belongs to another role.`,
        );
      if (isFeed && state.feeds === undefined)
        throw new ComponentError('SIGNING_KEY_UNKNOWN', 'This repository has no role for feeds.');
      const news = { area, custom, file, makeIncrement, onProgress };
      const files = await writeRelease(folder, disk, isFeed ? feeds : targets, news);
      if (isFeed) return { drafts: nothing, feeds: files };
      return {
        drafts: { ...drafts, targets: redraftTargets(state, drafts, { files }, nowMs + lifetimesMs.targets) },
      };
    });
  }

  return {
    async create({ roles, feeds, keys }) {
      await mkdir(folder, { recursive: true });
      return await change(keys, async ({ state, drafts, nowMs }) => {
        if (state !== undefined || drafts.root !== undefined)
          throw new ComponentError('REPOSITORY_EXISTS', 'There is a repository in this folder already.');
        return { drafts: composeFirst(roles, feeds, nowMs, lifetimesMs) };
      });
    },
    publish,
    async sign(keys) {
      return await change(keys, async ({ state, drafts }) => {
        const isWaiting = drafts.root !== undefined || drafts.targets !== undefined;
        if (!isWaiting && state?.isInterrupted !== true)
          throw new ComponentError('DRAFT_NOT_FOUND', 'Nothing waits for a signature.');
        return { drafts };
      });
    },
    async refresh(keys) {
      return await changePublished(keys, async ({ state, nowMs }) => {
        const file = state.feeds?.file;
        const canSign = keys.some(({ id }) => state.feeds?.delegation.keyIds.includes(id));
        const isAging = file !== undefined && !(file.metadata.expiresAtMs - nowMs > lifetimesMs.feeds / 2);
        return canSign && isAging ? { drafts: nothing, feeds: tableOf(file.bytes) } : { drafts: nothing };
      });
    },
    async renew(role, keys) {
      return await changePublished(keys, async ({ state, drafts, nowMs }) => ({
        drafts: {
          ...drafts,
          [role]:
            role === 'root'
              ? redraftRoot(state, drafts, {}, nowMs + lifetimesMs.root)
              : redraftTargets(state, drafts, {}, nowMs + lifetimesMs.targets),
        },
      }));
    },
    async rotateKeys({ roles: { feeds, ...roles }, keys }) {
      return await changePublished(keys, async ({ state, drafts, nowMs }) => {
        const hasRoot = Object.values(roles).some((setting) => setting !== undefined);
        // Whose keys vouch for targets, or what they say of those of feeds, has changed: they are signed anew.
        const hasTargets = roles.targets !== undefined || feeds !== undefined;
        return {
          drafts: {
            root: hasRoot ? redraftRoot(state, drafts, roles, nowMs + lifetimesMs.root) : drafts.root,
            targets: hasTargets
              ? redraftTargets(state, drafts, { feeds }, nowMs + lifetimesMs.targets)
              : drafts.targets,
          },
        };
      });
    },
    async discardDrafts() {
      await requireOwnFolders(folder);
      await withRepositoryLock(folder, async () => {
        for (const role of ['root', 'targets'] as const) await disk.remove(fileIn(folder, draftPath(role)));
      });
    },
  };
}
