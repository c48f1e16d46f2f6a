import {
  type DeviceFilter,
  type DeviceSummary,
  exportDevices,
  getDevice,
  listDevices,
  moveDevices,
  planDeviceAdmission,
  planDeviceMove,
  planDeviceRemoval,
  removeDevice,
  removeDevices,
  renameDevice,
  setDeviceAdmission,
  setProductState,
  tagKeyOf,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { groupOf, planTokenOf, requirePlan } from './directory-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { groupAndBelow, isoAt, type MockDevice, record, settleGroups, type World } from './world.ts';

export function handleDevices({ handle }: RouteTable): void {
  handle(listDevices, ({ world, query }) => {
    const matching = filterDevices(world, query).toSorted(compareBy(query.sort ?? 'name'));
    if (query.order === 'descending') matching.reverse();
    const start = query.cursor === undefined ? 0 : Number(Buffer.from(query.cursor, 'base64url').toString());
    const end = start + (query.limit ?? 100);
    return {
      devices: matching.slice(start, end),
      nextCursor: end < matching.length ? Buffer.from(String(end)).toString('base64url') : null,
      count: { value: matching.length, isExact: true },
    };
  });
  handle(exportDevices, ({ world, query }) => filterDevices(world, query));
  handle(getDevice, ({ world, params }) => detailsOf(deviceOf(world, params.deviceId)));
  handle(renameDevice, ({ world, params, body }) => {
    const device = deviceOf(world, params.deviceId);
    device.summary = { ...device.summary, name: body.name ?? device.reportedName };
    record(world, {
      action: 'device.renamed',
      objectKind: 'device',
      objectId: device.summary.id,
      objectName: device.summary.name,
    });
    world.publish({ type: 'device', deviceId: device.summary.id, change: 'changed' });
    return detailsOf(device);
  });
  handle(planDeviceMove, ({ world, body }) => {
    groupOf(world, body.groupId);
    return {
      planToken: planTokenOf(world),
      groupCount: 0,
      deviceCount: body.deviceIds.length,
      consequences: ['The API key “Berlin automation” will no longer see these devices.'],
    };
  });
  handle(moveDevices, ({ world, body }) => {
    requirePlan(world, body.planToken);
    for (const deviceId of body.deviceIds) {
      const device = deviceOf(world, deviceId);
      device.summary = { ...device.summary, groupId: body.groupId };
    }
    settleGroups(world);
    for (const deviceId of body.deviceIds) world.publish({ type: 'device', deviceId, change: 'changed' });
    world.publish({ type: 'groups' });
    return { movedCount: body.deviceIds.length };
  });
  handle(removeDevice, ({ world, params }) => recycle(world, params.deviceId));
  handle(planDeviceRemoval, ({ world, body }) => ({
    planToken: planTokenOf(world),
    groupCount: 0,
    deviceCount: body.deviceIds.length,
    consequences: [
      `${body.deviceIds.length} devices go to the recycle bin and can be restored from there.`,
      'They stay registered and go on reporting.',
    ],
  }));
  handle(removeDevices, ({ world, body }) => {
    requirePlan(world, body.planToken);
    return { items: body.deviceIds.map((deviceId) => recycle(world, deviceId)) };
  });
  handle(planDeviceAdmission, ({ world, body }) => ({
    planToken: planTokenOf(world),
    groupCount: 0,
    deviceCount: body.deviceIds.length,
    consequences:
      body.state === 'disabled'
        ? [
            `The agent on ${body.deviceIds.length} devices is refused at its next call, until it is enabled again.`,
            'A disabled agent reports nothing and gets no commands. Nothing is changed on the device itself.',
          ]
        : [
            `The agent on ${body.deviceIds.length} devices may speak with the server again from its next call on.`,
          ],
  }));
  handle(setDeviceAdmission, ({ world, body }) => {
    requirePlan(world, body.planToken);
    for (const deviceId of body.deviceIds) admit(world, deviceOf(world, deviceId), body.state);
    return { changedIds: body.deviceIds };
  });
  handle(setProductState, ({ world, params, body }) => {
    const device = [...world.devices.values()].find((candidate) =>
      candidate.products.some((product) => product.productNumber === params.productNumber),
    );
    if (device === undefined) throw notFound();
    admit(world, device, body.state);
    return null;
  });
}

function recycle(world: World, deviceId: string) {
  const device = deviceOf(world, deviceId);
  world.devices.delete(deviceId);
  const item = {
    id: world.random.uuid(world.now()),
    kind: 'device' as const,
    name: device.summary.name,
    path: device.summary.groupPath,
    deviceCount: 1,
    groupCount: 0,
    removedAt: isoAt(world.now()),
    removedBy: 'admin',
  };
  world.recycled.set(item.id, { item, groups: [], devices: [device] });
  settleGroups(world);
  record(world, {
    action: 'device.removed',
    objectKind: 'device',
    objectId: device.summary.id,
    objectName: device.summary.name,
  });
  for (const other of world.devices.values()) {
    const twins = other.summary.twins.filter((twin) => twin.deviceId !== deviceId);
    if (twins.length < other.summary.twins.length) other.summary = { ...other.summary, twins };
  }
  world.publish({ type: 'device', deviceId, change: 'removed' });
  world.publish({ type: 'groups' });
  return item;
}

function admit(world: World, device: MockDevice, state: 'active' | 'disabled'): void {
  const isDisabled = state === 'disabled';
  const presence = {
    ...device.summary.presence,
    status: isDisabled ? ('disabled' as const) : ('online' as const),
    reason: isDisabled ? ('disabled' as const) : ('handshake' as const),
    changedAt: isoAt(world.now()),
  };
  device.summary = { ...device.summary, presence };
  device.products = device.products.map((product) => ({ ...product, state, presence }));
  world.publish({
    type: 'presence',
    deviceId: device.summary.id,
    productNumber: device.summary.productNumber,
    presence,
  });
}

export function deviceOf(world: World, deviceId: string): MockDevice {
  const device = world.devices.get(deviceId);
  if (device === undefined) throw notFound();
  return device;
}

export function filterDevices(world: World, filter: DeviceFilter): DeviceSummary[] {
  if (filter.groupId !== undefined && !world.groups.has(filter.groupId)) {
    throw new Refusal(404, 'NOT_FOUND', 'There is no such group.');
  }
  const groupIds =
    filter.groupId === undefined
      ? undefined
      : filter.withSubgroups === false
        ? new Set([filter.groupId])
        : groupAndBelow(world, filter.groupId);
  const words = foldName(filter.search ?? '').split(/\s+/);
  const beginnings = words.flatMap((word) => (word.startsWith('tag:') ? word.slice(4) : []));
  const search = words.filter((word) => !word.startsWith('tag:')).join(' ');
  return [...world.devices.values()]
    .map((device) => device.summary)
    .filter(
      (device) =>
        (groupIds === undefined || groupIds.has(device.groupId)) &&
        (filter.status === undefined || device.presence.status === filter.status) &&
        (filter.platform === undefined || device.platform === filter.platform) &&
        (filter.encryption === undefined || encryptionOf(device) === filter.encryption) &&
        (filter.agentVersion === undefined || device.agentVersion === filter.agentVersion) &&
        hasTags(world, device, filter) &&
        beginnings.every((beginning) => device.tags.some((name) => tagKeyOf(name).startsWith(beginning))) &&
        [device.name, device.address, device.system].some((text) => foldName(text).includes(search)),
    );
}

function hasTags(world: World, device: DeviceSummary, filter: DeviceFilter): boolean {
  const keyOf = (name: string): string => {
    if (!world.tags.some((tag) => tagKeyOf(tag.name) === tagKeyOf(name))) {
      throw new Refusal(404, 'TAG_NOT_FOUND', `There is no tag "${name}".`);
    }
    return tagKeyOf(name);
  };
  const keys = new Set(device.tags.map(tagKeyOf));
  return (
    (filter.tag ?? []).every((name) => keys.has(keyOf(name))) &&
    !(filter.withoutTag ?? []).some((name) => keys.has(keyOf(name)))
  );
}

function encryptionOf({ isEncrypted }: DeviceSummary): DeviceFilter['encryption'] {
  return isEncrypted === null ? 'unknown' : isEncrypted ? 'encrypted' : 'not-encrypted';
}

function compareBy(sort: string): (first: DeviceSummary, second: DeviceSummary) => number {
  const keyOf = (device: DeviceSummary): string => {
    switch (sort) {
      case 'system':
        return device.system;
      case 'address':
        return device.address
          .split('.')
          .map((part) => part.padStart(3, '0'))
          .join('.');
      case 'last-seen':
        return device.presence.lastSeenAt ?? '';
      case 'registered':
        return device.registeredAt;
      default:
        return foldName(device.name);
    }
  };
  return (first, second) => {
    const [left, right] = [keyOf(first), keyOf(second)];
    return left < right ? -1 : left > right ? 1 : first.id < second.id ? -1 : 1;
  };
}

function detailsOf(device: MockDevice) {
  return {
    device: device.summary,
    products: device.products,
    inventory:
      device.facts === undefined
        ? null
        : { collectedAt: device.inventoryAt, receivedAt: device.inventoryAt, facts: device.facts },
  };
}
