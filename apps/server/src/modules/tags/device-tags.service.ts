import { MAX_TAGGED_DEVICES, MAX_TAGS_OF_DEVICE, tagKeyOf, type TagChangePlan } from '@holdfast/api';
import { type Actor, mayEverywhere, requirePermission, type Sight } from '../../platform/access/actor.ts';
import type { AuditRecord } from '../../platform/audit/audit.ts';
import type { DomainEvent } from '../../platform/events/domain-event.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import {
  type Caller,
  createChangePlan,
  createDirectoryChanged,
  createTagNotFound,
  deviceSight,
  type DeviceTargets,
  type DirectoryModule,
  type SelectedDevice,
} from '../directory/index.ts';
import {
  applyPart,
  countOverfull,
  countTagsOfDevices,
  forecastChange,
  insertChange,
  type TagPart,
  takeChange,
} from './device-tags.store.ts';
import {
  assertBoundedChange,
  assertNoContradiction,
  describeTagChange,
  distinctNames,
} from './tag-change.ts';
import { createDeviceTagsFull, createTagChangeNotFound, TagError } from './tags.errors.ts';
import { type TagPlatform, type TagService, UNDO_MS } from './tags.service.ts';
import { listTagsByName, lockTags, type TagRecord } from './tags.store.ts';

/** Which tags are put on which devices, and which are taken off; tags by their names. */
interface TagChange {
  readonly targets: DeviceTargets;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

interface PreparedChange {
  readonly devices: readonly SelectedDevice[];
  readonly add: readonly TagRecord[];
  readonly remove: readonly TagRecord[];
  readonly newNames: readonly string[];
  readonly plan: TagChangePlan;
}

interface NamedPart extends TagPart {
  readonly name: string;
}

const changeSight: Sight = { permission: 'directory:read', createNotFound: createTagChangeNotFound };

/** Up to so many devices each has an entry of its own in the audit log, and an event; of more each group has one entry. */
const MAX_SINGLE = 1_000;

export interface DeviceTagParts {
  readonly platform: TagPlatform;
  readonly directory: Pick<DirectoryModule, 'selectDevices' | 'holdDevices'>;
  readonly tags: Pick<TagService, 'insertNew' | 'announce'>;
}

/** Putting tags on devices and taking them off: planned, carried out, taken back; all devices or none. */
export class DeviceTagService {
  readonly #platform: TagPlatform;
  readonly #directory: Pick<DirectoryModule, 'selectDevices' | 'holdDevices'>;
  readonly #tags: Pick<TagService, 'insertNew' | 'announce'>;

  constructor({ platform, directory, tags }: DeviceTagParts) {
    this.#platform = platform;
    this.#directory = directory;
    this.#tags = tags;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND, GROUP_NOT_FOUND, TAG_NOT_FOUND; TagError */
  async plan(actor: Actor, change: TagChange): Promise<TagChangePlan> {
    requirePermission(actor, 'directory:edit');
    return (await this.#prepare(this.#platform.database, actor, change)).plan;
  }

  /**
   * @returns on how many devices something changed, and what an undo has to name
   * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND, GROUP_NOT_FOUND, TAG_NOT_FOUND,
   *   DIRECTORY_CHANGED; TagError
   */
  async change(
    caller: Caller,
    change: TagChange & { readonly planToken?: string | undefined },
  ): Promise<{ readonly changedCount: number; readonly changeId: string | null }> {
    requirePermission(caller.actor, 'directory:edit');
    const { planToken } = change;
    if ('filter' in change.targets && planToken === undefined) {
      throw new TagError(
        'TAG_PLAN_MISSING',
        'What a filter finds is changed only by a plan that was shown.',
        {
          remedy: 'Ask for the plan first and send its token.',
        },
      );
    }
    const changeId = this.#platform.createId();
    const done = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      const prepared = await this.#prepare(transaction, caller.actor, change);
      if (planToken !== undefined && prepared.plan.planToken !== planToken) throw createDirectoryChanged();
      if (prepared.plan.deviceCount === 0) return [];
      const created = await this.#tags.insertNew(
        transaction,
        caller.actor,
        prepared.newNames.map((name) => ({ name })),
      );
      const devices = await this.#hold(transaction, caller.actor, prepared.devices);
      const deviceIds = devices.map((device) => device.id);
      const parts = await applyParts(transaction, [
        ...[...prepared.add, ...created]
          .toSorted((one, other) => (tagKeyOf(one.name) < tagKeyOf(other.name) ? -1 : 1))
          .map(({ id, name }) => ({ tagId: id, name, isAdded: true, deviceIds })),
        ...prepared.remove.map(({ id, name }) => ({ tagId: id, name, isAdded: false, deviceIds })),
      ]);
      await insertChange(transaction, {
        id: changeId,
        changedAt: new Date(this.#platform.clock.now()),
        parts,
      });
      const changed = changedDevices(devices, parts);
      await this.#platform.recordEvents(transaction, [
        ...created.map(({ id, name }) => ({ type: 'tag.created', objectId: id, data: { name } }) as const),
        ...listEvents(changed, parts),
      ]);
      await this.#record(transaction, caller, [
        ...created.map(
          (tag): AuditRecord => ({
            action: 'tag.created',
            objectKind: 'tag',
            objectId: tag.id,
            objectName: tag.name,
          }),
        ),
        ...describeChanges(changed, parts, {}),
      ]);
      return changed;
    });
    if (done.length === 0) return { changedCount: 0, changeId: null };
    this.#announce(done);
    return { changedCount: done.length, changeId };
  }

  /** Whoever may edit all devices that a change changed may take it back. @throws TagError TAG_CHANGE_NOT_FOUND, DEVICE_TAGS_FULL */
  async undo(caller: Caller, changeId: string): Promise<number> {
    requirePermission(caller.actor, 'directory:edit');
    const done = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTags(transaction);
      const since = new Date(this.#platform.clock.now() - UNDO_MS);
      const taken = await takeChange(transaction, changeId, since);
      const devices = await this.#directory.holdDevices(transaction, [
        ...new Set(taken.flatMap((part) => part.deviceIds)),
      ]);
      if (devices.length === 0) throw createTagChangeNotFound();
      for (const { group } of devices)
        requirePermission(caller.actor, 'directory:edit', group.path, changeSight);
      const present = new Set(devices.map((device) => device.id));
      const parts = await applyParts(
        transaction,
        taken.map(({ tagId, name, isAdded, deviceIds }) => ({
          tagId,
          name,
          isAdded: !isAdded,
          deviceIds: deviceIds.filter((id) => present.has(id)),
        })),
      );
      const overfull = await countOverfull(transaction, [...present], MAX_TAGS_OF_DEVICE);
      if (overfull > 0) throw createDeviceTagsFull(overfull);
      const changed = changedDevices(devices, parts);
      await this.#platform.recordEvents(transaction, listEvents(changed, parts));
      await this.#record(transaction, caller, describeChanges(changed, parts, { undoes: changeId }));
      return changed;
    });
    this.#announce(done);
    return done.length;
  }

  /** The devices where they are now and stay until the end. @throws DirectoryError DIRECTORY_CHANGED, DEVICE_NOT_FOUND; AccessError PERMISSION_DENIED */
  async #hold(
    transaction: Transaction,
    actor: Actor,
    seen: readonly SelectedDevice[],
  ): Promise<SelectedDevice[]> {
    const ids = seen.map((device) => device.id);
    const devices = await this.#directory.holdDevices(transaction, ids);
    if (devices.length !== seen.length) throw createDirectoryChanged();
    for (const group of new Set(devices.map((device) => device.group)))
      requirePermission(actor, 'directory:edit', group.path, deviceSight);
    return devices;
  }

  async #prepare(db: Database, actor: Actor, change: TagChange): Promise<PreparedChange> {
    const devices = await this.#directory.selectDevices(db, actor, {
      targets: change.targets,
      permission: 'directory:edit',
      limit: MAX_TAGGED_DEVICES + 1,
    });
    const [addNames, removeNames] = [distinctNames(change.add), distinctNames(change.remove)];
    assertNoContradiction(addNames, removeNames);
    assertBoundedChange(devices.length, addNames.length + removeNames.length);
    const add = await listTagsByName(db, addNames);
    const remove = await listTagsByName(db, removeNames);
    requireKnown(removeNames, remove);
    const newNames = missingNames(addNames, add);
    if (newNames.length > 0) requireMayCreate(actor, newNames);

    const deviceIds = devices.map((device) => device.id);
    const tags = await countTagsOfDevices(db, deviceIds);
    const { changing, overfull } = await forecastChange(
      db,
      deviceIds,
      { add: add.map(({ id }) => id), remove: remove.map(({ id }) => id), newCount: newNames.length },
      MAX_TAGS_OF_DEVICE,
    );
    if (overfull > 0) throw createDeviceTagsFull(overfull);
    const countOfTag = new Map(tags.map((tag) => [tag.tagId, tag.deviceCount]));
    const shown = ({ id, name }: TagRecord) => ({ name, deviceCount: countOfTag.get(id) ?? 0 });
    const plan = createChangePlan(
      {
        groupCount: 0,
        deviceCount: changing,
        consequences: describeTagChange({
          add: [...add.map(shown), ...newNames.map((name) => ({ name, deviceCount: 0 }))],
          remove: remove.map(shown),
          newTags: newNames,
          deviceCount: devices.length,
        }),
      },
      { kind: 'device-tags', devices: deviceIds, add: addNames, remove: removeNames },
    );
    return {
      devices,
      add,
      remove,
      newNames,
      plan: {
        ...plan,
        targetCount: devices.length,
        tags: tags.map(({ name, deviceCount }) => ({ name, deviceCount })),
        newTags: newNames,
      },
    };
  }

  async #record(transaction: Transaction, caller: Caller, records: readonly AuditRecord[]): Promise<void> {
    await this.#platform.recordAuditEntry(transaction, caller.actor, records, caller.request);
  }

  #announce(devices: readonly SelectedDevice[]): void {
    const isSmall = devices.length <= MAX_SINGLE;
    for (const { id, group } of isSmall ? devices : []) {
      this.#platform.live.tell({
        event: { type: 'device', deviceId: id, change: 'changed' },
        permission: 'directory:read',
        groupPath: group.path,
      });
    }
    this.#tags.announce(!isSmall);
  }
}

/** @returns what really changed; parts that change nothing are left out */
async function applyParts(transaction: Transaction, parts: readonly NamedPart[]): Promise<NamedPart[]> {
  const applied: NamedPart[] = [];
  for (const part of parts) {
    const { deviceIds } = await applyPart(transaction, part);
    if (deviceIds.length > 0) applied.push({ ...part, deviceIds });
  }
  return applied;
}

function changedDevices(devices: readonly SelectedDevice[], parts: readonly TagPart[]): SelectedDevice[] {
  const changedIds = new Set(parts.flatMap((part) => part.deviceIds));
  return devices.filter((device) => changedIds.has(device.id));
}

/** An entry about each device; about each group where the devices are very many. */
function describeChanges(
  devices: readonly SelectedDevice[],
  parts: readonly NamedPart[],
  more: Readonly<Record<string, unknown>>,
): AuditRecord[] {
  if (devices.length > MAX_SINGLE) {
    const names = (isAdded: boolean) =>
      parts.filter((part) => part.isAdded === isAdded).map(({ name }) => name);
    const details = { added: names(true), removed: names(false), ...more };
    return [...Map.groupBy(devices, (device) => device.group)].map(([group, members]) => ({
      action: 'device.tags-changed',
      objectKind: 'group',
      objectId: group.id,
      objectName: group.name,
      scopeGroupId: group.id,
      details: { deviceCount: members.length, ...details },
    }));
  }
  const lists = listTagsByDevice(devices, parts);
  return devices.map(({ id, name, group }) => ({
    action: 'device.tags-changed',
    objectKind: 'device',
    objectId: id,
    objectName: name,
    scopeGroupId: group.id,
    details: { ...lists.get(id), ...more },
  }));
}

/** One for each device, however many they are. */
function listEvents(
  devices: readonly SelectedDevice[],
  parts: readonly NamedPart[],
): DomainEvent<'device.tags-changed'>[] {
  const lists = listTagsByDevice(devices, parts);
  return devices.map(({ id, name, group }) => ({
    type: 'device.tags-changed',
    objectId: id,
    groupIds: group.path,
    data: { name, ...(lists.get(id) ?? { added: [], removed: [] }) },
  }));
}

/** Names of the tags that each device got and lost. */
function listTagsByDevice(
  devices: readonly SelectedDevice[],
  parts: readonly NamedPart[],
): ReadonlyMap<string, { readonly added: string[]; readonly removed: string[] }> {
  const lists = new Map(
    devices.map((device) => [device.id, { added: [] as string[], removed: [] as string[] }]),
  );
  for (const { isAdded, deviceIds, name } of parts) {
    for (const id of deviceIds) lists.get(id)?.[isAdded ? 'added' : 'removed'].push(name);
  }
  return lists;
}

function missingNames(names: readonly string[], tags: readonly TagRecord[]): string[] {
  const known = new Set(tags.map((tag) => tagKeyOf(tag.name)));
  return names.filter((name) => !known.has(tagKeyOf(name)));
}

function requireKnown(names: readonly string[], tags: readonly TagRecord[]): void {
  const missing = missingNames(names, tags);
  if (missing.length > 0) throw createTagNotFound(missing);
}

/** To whoever edits only a part of the directory, a name that no tag has is a mistake. */
function requireMayCreate(actor: Actor, names: readonly string[]): void {
  if (!mayEverywhere(actor, 'directory:edit')) throw createTagNotFound(names);
}
