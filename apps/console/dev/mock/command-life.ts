import type { Command, CommandCounts, CommandState, CommandTarget } from '@holdfast/api';
import { isoAt, type MockDevice, type World } from './world.ts';

const ends: readonly CommandState[] = ['succeeded', 'failed', 'expired', 'cancelled'];

export function isEnd(state: CommandState): boolean {
  return ends.includes(state);
}

export function countsOf(targets: readonly CommandTarget[]): CommandCounts {
  const counts: CommandCounts = {
    total: targets.length,
    queued: 0,
    delivered: 0,
    accepted: 0,
    running: 0,
    cancelling: 0,
    succeeded: 0,
    failed: 0,
    expired: 0,
    cancelled: 0,
  };
  for (const target of targets) counts[target.state] += 1;
  return counts;
}

const stepsTo: Readonly<Record<CommandState, readonly CommandState[]>> = {
  queued: ['queued'],
  delivered: ['queued', 'delivered'],
  accepted: ['queued', 'delivered', 'accepted'],
  running: ['queued', 'delivered', 'accepted', 'running'],
  cancelling: ['queued', 'delivered', 'accepted', 'running', 'cancelling'],
  succeeded: ['queued', 'delivered', 'accepted', 'running', 'succeeded'],
  failed: ['queued', 'delivered', 'accepted', 'running', 'failed'],
  expired: ['queued', 'expired'],
  cancelled: ['queued', 'cancelled'],
};

export function makeTarget(
  world: World,
  commandId: string,
  device: MockDevice,
  state: CommandState,
  issuedMs: number,
): CommandTarget {
  const { random } = world;
  let atMs = issuedMs;
  const steps = stepsTo[state].map((step) => {
    const made = { state: step, at: isoAt(atMs), detail: detailOf(step) };
    atMs += step === 'queued' ? 4_000 + random.integer(40_000) : 150 + random.integer(1_200);
    return made;
  });
  return {
    id: random.uuid(issuedMs),
    commandId,
    deviceId: device.summary.id,
    deviceName: device.summary.name,
    productNumber: device.summary.productNumber,
    state,
    code: state === 'failed' ? 'INVENTORY_INCOMPLETE' : null,
    detail: detailOf(state),
    waitsFor:
      device.summary.presence.status === 'idle' && (state === 'queued' || state === 'delivered')
        ? 'working-hours'
        : null,
    canCancel: canCancel(state),
    progress:
      state === 'running' || state === 'cancelling'
        ? { percent: 40, text: 'Reading the list of disks', at: isoAt(atMs) }
        : null,
    steps,
    result: state === 'succeeded' ? resultOf(device) : null,
  };
}

export function canCancel(state: CommandState): boolean {
  return !isEnd(state) && state !== 'cancelling';
}

export function detailOf(state: CommandState): string {
  if (state === 'failed') return 'The list of disks could not be read: lsblk ended with status 32.';
  if (state === 'expired') return 'The device did not fetch it in time.';
  if (state === 'cancelled') return 'Cancelled by admin.';
  if (state === 'cancelling') return 'admin asked the product to end it.';
  return '';
}

export function resultOf(device: MockDevice): Record<string, unknown> {
  return {
    digest: device.products[0]?.keyThumbprint ?? '',
    changed: device.summary.productNumber % 3 !== 0,
  };
}

/** Moves every open target of the command one step on, by and by, as agents would. */
export function liveOn(world: World, command: Command): void {
  const timer = setInterval(() => {
    const own = world.targets.filter((target) => target.commandId === command.id);
    const open = own.filter((target) => !isEnd(target.state));
    if (open.length === 0) {
      clearInterval(timer);
      return;
    }
    for (const target of open.slice(0, Math.max(1, Math.ceil(own.length / 12)))) advance(world, target);
    const index = world.commands.findIndex((candidate) => candidate.id === command.id);
    const current = world.commands[index];
    if (current === undefined) return;
    const next = {
      ...current,
      counts: countsOf(world.targets.filter((target) => target.commandId === command.id)),
    };
    world.commands[index] = next;
    world.publish({ type: 'command', command: next });
  }, 700);
  timer.unref();
}

function advance(world: World, target: CommandTarget): void {
  const device = target.deviceId === null ? undefined : world.devices.get(target.deviceId);
  if (device === undefined || device.summary.presence.status !== 'online') return;
  const order: readonly CommandState[] = ['queued', 'delivered', 'accepted', 'running', 'succeeded'];
  const next = order[order.indexOf(target.state) + 1] ?? 'succeeded';
  const state = next === 'succeeded' && world.random.next() < 0.04 ? 'failed' : next;
  target.state = state;
  target.detail = detailOf(state);
  target.code = state === 'failed' ? 'INVENTORY_INCOMPLETE' : null;
  target.steps.push({ state, at: isoAt(world.now()), detail: detailOf(state) });
  if (state === 'succeeded') {
    device.inventoryAt = isoAt(world.now());
    target.result = resultOf(device);
    world.publish({ type: 'device', deviceId: device.summary.id, change: 'changed' });
  }
  world.publish({ type: 'command-target', target: { ...target } });
}
