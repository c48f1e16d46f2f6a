import { type ChangePlan, MAX_TAGS, type Tag, type TagColour } from '@holdfast/api';
import {
  type Actor,
  actorNameOf,
  placesOf,
  requireEverywhere,
  requirePermission,
} from '../../platform/access/actor.ts';
import { BriefMemory } from '../../platform/brief-memory.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  type Caller,
  countOf,
  createChangePlan,
  createDirectoryChanged,
  createTagNotFound,
} from '../directory/index.ts';
import { createNameTaken, createTagLimitReached, TagError } from './tags.errors.ts';
import {
  countDevicesByTag,
  countDevicesOfTag,
  countTags,
  deleteOldestRemoved,
  findRemovedTag,
  findTag,
  insertTags,
  listTags,
  listTagsByName,
  lockTags,
  markTag,
  type TagRecord,
  writeTag,
} from './tags.store.ts';

export type TagPlatform = Pick<
  Platform,
  'database' | 'clock' | 'live' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

interface TagFields {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly colour?: string | undefined;
}

/** Counts of a fleet with many tagged devices are taken anew at most this often; a change forgets them at once. */
const COUNTS_AGE_MS = 5_000;
const MANY_TAGGED = 50_000;

/** How long a removal of a tag, and a change of tags, can be taken back. */
export const UNDO_MS = 86_400_000;

/** Tags themselves: they belong to the whole organisation, and so whoever changes them edits all of it. */
export class TagService {
  readonly #platform: TagPlatform;
  readonly #counts: BriefMemory<Map<string, number>>;

  constructor({ platform }: { readonly platform: TagPlatform }) {
    this.#platform = platform;
    this.#counts = new BriefMemory(platform.clock, COUNTS_AGE_MS);
  }

  async list(actor: Actor): Promise<Tag[]> {
    requirePermission(actor, 'directory:read');
    const roots = placesOf(actor, 'directory:read');
    const counts = await this.#counts.recall(
      JSON.stringify(roots?.toSorted() ?? null),
      () => countDevicesByTag(this.#platform.database, roots),
      (known) => [...known.values()].reduce((sum, count) => sum + count, 0) > MANY_TAGGED,
    );
    const tags = await listTags(this.#platform.database);
    return tags.map((tag) => toTag(tag, counts.get(tag.id) ?? 0));
  }

  /** @throws AccessError PERMISSION_DENIED; TagError TAG_NAME_TAKEN, TAG_LIMIT_REACHED */
  async create(caller: Caller, fields: TagFields & { readonly name: string }): Promise<Tag> {
    requireEverywhere(caller.actor, 'directory:edit');
    const created = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      await assertNameFree(transaction, fields.name, undefined);
      const tags = await this.insertNew(transaction, caller.actor, [fields]);
      await this.#record(transaction, caller, 'tag.created', tags);
      return tags;
    });
    this.announce(false);
    const [tag] = created;
    if (tag === undefined) throw createTagNotFound([]);
    return toTag(tag, 0);
  }

  /**
   * Makes tags, of which it is known that their names are free; the caller holds the lock and records them.
   *
   * @throws TagError TAG_LIMIT_REACHED
   */
  async insertNew(
    transaction: Transaction,
    actor: Actor,
    wanted: readonly (TagFields & { readonly name: string })[],
  ): Promise<TagRecord[]> {
    if (wanted.length === 0) return [];
    const { present, removed } = await countTags(transaction);
    if (present + wanted.length > MAX_TAGS) throw createTagLimitReached();
    // What can be restored has room of its own only as long as nobody needs it.
    const excess = present + removed + wanted.length - MAX_TAGS;
    if (excess > 0) await deleteOldestRemoved(transaction, excess);
    const tags = wanted.map((fields) => ({
      id: this.#platform.createId(),
      name: fields.name.normalize('NFC'),
      description: (fields.description ?? '').normalize('NFC').trim(),
      // The schema has checked the word.
      colour: (fields.colour ?? 'grey') as TagColour,
      createdAt: new Date(this.#platform.clock.now()),
      createdBy: actorNameOf(actor),
    }));
    await insertTags(transaction, tags);
    return tags.map((tag) => ({ ...tag, revision: 1 }));
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError TAG_NOT_FOUND; TagError TAG_CHANGED, TAG_NAME_TAKEN */
  async change(
    caller: Caller,
    tagId: string,
    change: TagFields & { readonly revision: number },
  ): Promise<Tag> {
    requireEverywhere(caller.actor, 'directory:edit');
    const { tag, isRenamed } = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      const before = requireTag(await findTag(transaction, tagId));
      if (before.revision !== change.revision) {
        throw new TagError('TAG_CHANGED', 'The tag has been changed since you opened it.', {
          remedy: 'Look at it as it is now and make your change again.',
        });
      }
      const after: TagRecord = {
        ...before,
        name: change.name?.normalize('NFC') ?? before.name,
        description: change.description?.normalize('NFC').trim() ?? before.description,
        colour: (change.colour as TagColour | undefined) ?? before.colour,
      };
      const difference = differenceOf(before, after);
      if (Object.keys(difference).length === 0) return { tag: before, isRenamed: false };
      await assertNameFree(transaction, after.name, tagId);
      const written = { ...after, revision: before.revision + 1 };
      await writeTag(transaction, written);
      await this.#record(transaction, caller, 'tag.changed', [written], difference);
      return { tag: written, isRenamed: before.name !== after.name };
    });
    this.announce(isRenamed);
    return toTag(tag, await countDevicesOfTag(this.#platform.database, tagId));
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError TAG_NOT_FOUND */
  async planRemoval(actor: Actor, tagId: string): Promise<ChangePlan> {
    requireEverywhere(actor, 'directory:edit');
    const { database } = this.#platform;
    return await planRemoval(database, requireTag(await findTag(database, tagId)));
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError TAG_NOT_FOUND, DIRECTORY_CHANGED */
  async remove(caller: Caller, tagId: string, planToken: string): Promise<void> {
    requireEverywhere(caller.actor, 'directory:edit');
    await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      const tag = requireTag(await findTag(transaction, tagId));
      const plan = await planRemoval(transaction, tag);
      if (plan.planToken !== planToken) throw createDirectoryChanged();
      await markTag(transaction, tagId, new Date(this.#platform.clock.now()));
      await this.#record(transaction, caller, 'tag.removed', [tag], { deviceCount: plan.deviceCount });
    });
    this.announce(true);
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError TAG_NOT_FOUND; TagError TAG_NAME_TAKEN */
  async restore(caller: Caller, tagId: string): Promise<Tag> {
    requireEverywhere(caller.actor, 'directory:edit');
    const tag = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      // What is older may be half forgotten already.
      const since = new Date(this.#platform.clock.now() - UNDO_MS);
      const removed = requireTag(await findRemovedTag(transaction, tagId, since));
      await assertNameFree(transaction, removed.name, tagId);
      await markTag(transaction, tagId, null);
      await this.#record(transaction, caller, 'tag.restored', [removed]);
      return { ...removed, revision: removed.revision + 1 };
    });
    this.announce(true);
    return toTag(tag, await countDevicesOfTag(this.#platform.database, tagId));
  }

  /**
   * Tells open consoles. After the commit.
   *
   * @param areDevicesConcerned devices show other names of tags now, and nobody is told which
   */
  announce(areDevicesConcerned: boolean): void {
    this.#counts.forgetAll();
    this.#platform.live.tell({
      event: { type: 'tags', areDevicesConcerned },
      permission: 'directory:read',
    });
  }

  async #record(
    transaction: Transaction,
    caller: Caller,
    action: 'tag.created' | 'tag.changed' | 'tag.removed' | 'tag.restored',
    tags: readonly TagRecord[],
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#platform.recordEvents(
      transaction,
      tags.map((tag) => ({ type: action, objectId: tag.id, data: { name: tag.name } })),
    );
    await this.#platform.recordAuditEntry(
      transaction,
      caller.actor,
      tags.map((tag) => ({ action, objectKind: 'tag', objectId: tag.id, objectName: tag.name, details })),
      caller.request,
    );
  }
}

async function planRemoval(db: Database, tag: TagRecord): Promise<ChangePlan> {
  const deviceCount = await countDevicesOfTag(db, tag.id);
  const consequences = [
    deviceCount === 0
      ? 'No device has this tag.'
      : `${countOf(deviceCount, 'device')} ${deviceCount === 1 ? 'loses' : 'lose'} this tag.`,
    'For a day the removal can be taken back.',
  ];
  return createChangePlan(
    { groupCount: 0, deviceCount, consequences },
    { kind: 'tag-removal', tag: [tag.id, tag.revision] },
  );
}

/** @throws TagError TAG_NAME_TAKEN by another tag than this one */
async function assertNameFree(db: Database, name: string, tagId: string | undefined): Promise<void> {
  const [taken] = await listTagsByName(db, [name]);
  if (taken !== undefined && taken.id !== tagId) throw createNameTaken(taken.name);
}

function requireTag(tag: TagRecord | undefined): TagRecord {
  if (tag === undefined) throw createTagNotFound([]);
  return tag;
}

function differenceOf(before: TagRecord, after: TagRecord): Record<string, unknown> {
  const names = (['name', 'description', 'colour'] as const).filter((name) => before[name] !== after[name]);
  return Object.fromEntries(names.map((name) => [name, { before: before[name], after: after[name] }]));
}

function toTag(tag: TagRecord, deviceCount: number): Tag {
  return {
    id: tag.id,
    name: tag.name,
    description: tag.description,
    colour: tag.colour,
    revision: tag.revision,
    createdAt: tag.createdAt.toISOString(),
    createdBy: tag.createdBy,
    deviceCount,
  };
}
