import type { DeviceSummary, listDevices, Presence, ResponseOf } from '@holdfast/api';
import type { InfiniteData } from '@tanstack/react-query';

export type DevicePage = ResponseOf<typeof listDevices>;
export type DevicePages = InfiniteData<DevicePage>;

/** Every function here returns what it was given when nothing changes, so that nothing is drawn again. */
function mapDevices(pages: DevicePages, change: (device: DeviceSummary) => DeviceSummary): DevicePages {
  let isChanged = false;
  const next = pages.pages.map((page) => {
    let isPageChanged = false;
    const devices = page.devices.map((device) => {
      const changed = change(device);
      if (changed !== device) isPageChanged = true;
      return changed;
    });
    if (!isPageChanged) return page;
    isChanged = true;
    return { ...page, devices };
  });
  return isChanged ? { ...pages, pages: next } : pages;
}

/** New presences in place; an older sign of life never replaces a newer one. */
export function patchPresence(pages: DevicePages, presences: ReadonlyMap<string, Presence>): DevicePages {
  return mapDevices(pages, (device) => {
    const presence = presences.get(device.id);
    if (presence === undefined || isOlder(presence, device.presence)) return device;
    return { ...device, presence };
  });
}

function isOlder(presence: Presence, known: Presence): boolean {
  if (presence.changedAt !== null && known.changedAt !== null && presence.changedAt !== known.changedAt) {
    return presence.changedAt < known.changedAt;
  }
  return (presence.lastSeenAt ?? '') < (known.lastSeenAt ?? '');
}

export function replaceDevices(pages: DevicePages, devices: readonly DeviceSummary[]): DevicePages {
  const byId = new Map(devices.map((device) => [device.id, device]));
  return mapDevices(pages, (device) => {
    const next = byId.get(device.id);
    return next === undefined || JSON.stringify(next) === JSON.stringify(device) ? device : next;
  });
}

export function dropDevices(pages: DevicePages, ids: ReadonlySet<string>): DevicePages {
  const droppedCount = pages.pages.reduce(
    (sum, page) => sum + page.devices.filter((device) => ids.has(device.id)).length,
    0,
  );
  if (droppedCount === 0) return pages;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      devices: page.devices.filter((device) => !ids.has(device.id)),
      count: { ...page.count, value: Math.max(0, page.count.value - droppedCount) },
    })),
  };
}

export function devicesOf(pages: DevicePages | undefined): readonly DeviceSummary[] {
  return pages?.pages.flatMap((page) => page.devices) ?? [];
}

/** Devices whose state is another one in `next`; mere signs of life do not count. */
export function changedStates(before: DevicePages, next: DevicePages): readonly string[] {
  const statusOf = new Map(devicesOf(before).map((device) => [device.id, device.presence.status]));
  return devicesOf(next)
    .filter((device) => {
      const status = statusOf.get(device.id);
      return status !== undefined && status !== device.presence.status;
    })
    .map((device) => device.id);
}

/** Indexes of the pages that hold the rows from `first` to `last`. */
export function pagesInView(pages: DevicePages, first: number, last: number): readonly number[] {
  const inView: number[] = [];
  let start = 0;
  pages.pages.forEach((page, index) => {
    const end = start + page.devices.length;
    if (start <= last && end > first) inView.push(index);
    start = end;
  });
  return inView;
}
