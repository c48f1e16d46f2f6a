import {
  changeDeviceTags,
  changeTag,
  createTag,
  type DeviceTargets,
  listTags,
  planDeviceTags,
  planTagRemoval,
  removeTag,
  restoreTag,
  type Tag,
  type TagColour,
  tagKeyOf,
  undoTagChange,
} from '@holdfast/api';
import { deviceOf, filterDevices } from './device-handlers.ts';
import { planTokenOf } from './directory-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, type World } from './world.ts';

export function handleTags({ handle }: RouteTable): void {
  handle(listTags, ({ world }) => ({ tags: world.tags.map((tag) => counted(world, tag)) }));
  handle(createTag, ({ world, body }) => {
    refuseTakenName(world, body.name, undefined);
    const tag = addTag(world, body.name, {
      colour: body.colour ?? 'grey',
      description: body.description ?? '',
    });
    announce(world);
    return counted(world, tag);
  });
  handle(changeTag, ({ world, params, body }) => {
    const tag = tagOf(world, params.tagId);
    if (tag.revision !== body.revision) throw new Refusal(409, 'TAG_CHANGED', 'The tag has been changed.');
    if (body.name !== undefined) refuseTakenName(world, body.name, tag.id);
    const changed: Tag = {
      ...tag,
      name: body.name ?? tag.name,
      description: body.description ?? tag.description,
      colour: body.colour ?? tag.colour,
      revision: tag.revision + 1,
    };
    for (const device of world.devices.values()) {
      const names = device.summary.tags.map((name) => (name === tag.name ? changed.name : name));
      device.summary = { ...device.summary, tags: names };
    }
    world.tags = world.tags.map((one) => (one.id === tag.id ? changed : one)).toSorted(byName);
    announce(world);
    return counted(world, changed);
  });
  handle(planTagRemoval, ({ world, params }) => {
    const { deviceCount } = counted(world, tagOf(world, params.tagId));
    return {
      planToken: planTokenOf(world),
      groupCount: 0,
      deviceCount,
      consequences: [`${deviceCount} devices lose this tag.`, 'For a day the removal can be taken back.'],
    };
  });
  handle(removeTag, ({ world, params }) => {
    const tag = tagOf(world, params.tagId);
    const having = [...world.devices.values()].filter(({ summary }) => summary.tags.includes(tag.name));
    world.removedTags.push({ tag, deviceIds: having.map(({ summary }) => summary.id) });
    world.tags = world.tags.filter((one) => one !== tag);
    for (const device of having)
      setTags(device, new Set(device.summary.tags.filter((name) => name !== tag.name)));
    announce(world);
    return null;
  });
  handle(restoreTag, ({ world, params }) => {
    const entry = world.removedTags.find(({ tag }) => tag.id === params.tagId);
    if (entry === undefined) throw notFound();
    world.removedTags = world.removedTags.filter((one) => one !== entry);
    world.tags = [...world.tags, entry.tag].toSorted(byName);
    for (const id of entry.deviceIds) {
      const device = world.devices.get(id);
      if (device !== undefined) setTags(device, new Set([...device.summary.tags, entry.tag.name]));
    }
    announce(world);
    return counted(world, entry.tag);
  });
  handle(planDeviceTags, ({ world, body }) => {
    const devices = targetsOf(world, body.targets);
    const counts = new Map<string, number>();
    for (const name of devices.flatMap(({ summary }) => summary.tags)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const newTags = body.add.filter((name) => findTag(world, name) === undefined);
    const changing = devices.filter(({ summary }) => differs(summary.tags, body.add, body.remove));
    const there = (name: string): number => counts.get(findTag(world, name)?.name ?? name) ?? 0;
    return {
      planToken: planTokenOf(world),
      groupCount: 0,
      deviceCount: changing.length,
      consequences: [
        ...body.add.map(
          (name) =>
            `"${name}" is put on ${devices.length - there(name)} device${devices.length - there(name) === 1 ? '' : 's'}.`,
        ),
        ...body.remove.map((name) => `"${name}" is taken off ${there(name)} devices.`),
      ],
      targetCount: devices.length,
      tags: [...counts].map(([name, deviceCount]) => ({ name, deviceCount })).toSorted(byName),
      newTags,
    };
  });
  handle(changeDeviceTags, ({ world, body }) => {
    const devices = targetsOf(world, body.targets);
    for (const name of body.add) if (findTag(world, name) === undefined) addTag(world, name, {});
    const changing = devices.filter(({ summary }) => differs(summary.tags, body.add, body.remove));
    const changeId = world.random.uuid(world.now());
    world.tagChanges.set(changeId, new Map(changing.map(({ summary }) => [summary.id, summary.tags])));
    const removed = new Set(body.remove.map(tagKeyOf));
    for (const device of changing) {
      const kept = device.summary.tags.filter((name) => !removed.has(tagKeyOf(name)));
      setTags(device, new Set([...kept, ...body.add.map((name) => findTag(world, name)?.name ?? name)]));
      world.publish({ type: 'device', deviceId: device.summary.id, change: 'changed' });
    }
    announce(world);
    return { changedCount: changing.length, changeId: changing.length === 0 ? null : changeId };
  });
  handle(undoTagChange, ({ world, params }) => {
    const former = world.tagChanges.get(params.changeId);
    if (former === undefined) throw notFound();
    world.tagChanges.delete(params.changeId);
    for (const [id, names] of former) {
      const device = world.devices.get(id);
      if (device !== undefined) setTags(device, new Set(names));
      world.publish({ type: 'device', deviceId: id, change: 'changed' });
    }
    announce(world);
    return { changedCount: former.size };
  });
}

/** A tag by its name, made where it is new. */
export function addTag(
  world: World,
  name: string,
  look: { readonly colour?: TagColour; readonly description?: string },
): Tag {
  const tag: Tag = {
    id: world.random.uuid(world.now()),
    name,
    description: look.description ?? '',
    colour: look.colour ?? 'grey',
    revision: 1,
    createdAt: isoAt(world.now() - world.random.integer(90 * 86_400_000)),
    createdBy: 'admin',
    deviceCount: 0,
  };
  world.tags = [...world.tags, tag].toSorted(byName);
  return tag;
}

function setTags(
  device: World['devices'] extends Map<string, infer Device> ? Device : never,
  names: Set<string>,
) {
  device.summary = {
    ...device.summary,
    tags: [...names].toSorted((one, other) => (tagKeyOf(one) < tagKeyOf(other) ? -1 : 1)),
  };
}

function targetsOf(world: World, targets: DeviceTargets) {
  const ids =
    'deviceIds' in targets ? targets.deviceIds : filterDevices(world, targets.filter).map(({ id }) => id);
  return ids.map((id) => deviceOf(world, id));
}

function differs(tags: readonly string[], add: readonly string[], remove: readonly string[]): boolean {
  const keys = new Set(tags.map(tagKeyOf));
  return add.some((name) => !keys.has(tagKeyOf(name))) || remove.some((name) => keys.has(tagKeyOf(name)));
}

function counted(world: World, tag: Tag): Tag {
  const having = [...world.devices.values()].filter(({ summary }) => summary.tags.includes(tag.name));
  return { ...tag, deviceCount: having.length };
}

function findTag(world: World, name: string): Tag | undefined {
  return world.tags.find((tag) => tagKeyOf(tag.name) === tagKeyOf(name));
}

function tagOf(world: World, tagId: string): Tag {
  const tag = world.tags.find((one) => one.id === tagId);
  if (tag === undefined) throw notFound();
  return tag;
}

function refuseTakenName(world: World, name: string, exceptId: string | undefined): void {
  const taken = findTag(world, name);
  if (taken === undefined || taken.id === exceptId) return;
  throw new Refusal(409, 'TAG_NAME_TAKEN', `There is a tag "${taken.name}" already.`, {
    remedy: 'Choose another name; capitals make no difference.',
  });
}

function announce(world: World): void {
  world.publish({ type: 'tags', areDevicesConcerned: true });
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return tagKeyOf(one.name) < tagKeyOf(other.name) ? -1 : 1;
}
