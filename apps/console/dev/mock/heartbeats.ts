import type { Presence } from '@holdfast/api';
import { isoAt, type World } from './world.ts';

/** Lets some devices give signs of life every second, and now and then one come or go. */
export function startHeartbeats(world: World): NodeJS.Timeout {
  const timer = setInterval(() => {
    const devices = [...world.devices.values()];
    const nowMs = world.now();
    for (let round = 0; round < Math.ceil(devices.length / 60); round += 1) {
      const device = world.random.pick(devices);
      if (device.summary.presence.status !== 'online') continue;
      set(world, device.summary.id, { ...device.summary.presence, lastSeenAt: isoAt(nowMs) });
    }
    if (devices.length === 0) return;
    const device = world.random.pick(devices);
    const { status } = device.summary.presence;
    if (status === 'online' && world.random.next() < 0.25) {
      set(world, device.summary.id, {
        ...device.summary.presence,
        status: 'timed-out',
        reason: 'silent',
        changedAt: isoAt(nowMs),
      });
    } else if (status === 'timed-out' || status === 'offline') {
      set(world, device.summary.id, {
        status: 'online',
        reason: 'heartbeat-udp',
        lastSeenAt: isoAt(nowMs),
        changedAt: isoAt(nowMs),
      });
    }
  }, 1_000);
  timer.unref();
  return timer;
}

function set(world: World, deviceId: string, presence: Presence): void {
  const device = world.devices.get(deviceId);
  if (device === undefined) return;
  const isStatusNew = device.summary.presence.status !== presence.status;
  device.summary = { ...device.summary, presence };
  device.products = device.products.map((product) => ({ ...product, presence }));
  // The real server tells of changes of state at once, and of mere signs of life not at all.
  if (isStatusNew) {
    world.publish({ type: 'presence', deviceId, productNumber: device.summary.productNumber, presence });
  }
}
