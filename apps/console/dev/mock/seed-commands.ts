import type { CommandState } from '@holdfast/api';
import { countsOf, makeTarget } from './command-life.ts';
import { isoAt, type World } from './world.ts';

const minuteMs = 60_000;

/** What a health check found. */
const checks = [
  { name: 'clock', state: 'ok', text: 'The clock agrees with that of the server.' },
  { name: 'disk-space', state: 'warning', text: 'The volume of the state folder has 1.4 GiB left.' },
  { name: 'outbox', state: 'ok', text: 'Reports that wait for the server: 0, 0 % of the outbox.' },
  { name: 'transport', state: 'ok', text: 'Heartbeats travel by UDP, acknowledged, as chosen.' },
  { name: 'database', state: 'failed', text: 'The state file is damaged. Restore it from a backup.' },
];

export function seedCommands(world: World): void {
  const { random } = world;
  const devices = [...world.devices.values()];
  for (let index = 0; index < 60; index += 1) {
    const issuedMs = world.now() - (index * 190 + 25) * minuteMs;
    const size = index % 4 === 0 ? 1 + random.integer(220) : 1;
    const chosen = Array.from({ length: size }, () => random.pick(devices));
    const id = random.uuid(issuedMs);
    const isOpen = index < 3;
    const targets = chosen.map((device) => {
      const chance = random.next();
      const state: CommandState = isOpen
        ? chance < 0.5
          ? 'succeeded'
          : random.pick(['queued', 'delivered', 'running', 'cancelling'] as const)
        : chance < 0.93
          ? 'succeeded'
          : random.pick(['failed', 'expired', 'cancelled'] as const);
      return makeTarget(world, id, device, state, issuedMs);
    });
    const first = chosen[0];
    world.targets.push(...targets);
    world.commands.push({
      id,
      type: 'collect-inventory',
      title: 'Collect inventory',
      parameters: {},
      target:
        size === 1
          ? (first?.summary.name ?? '')
          : index % 8 === 0
            ? `group ${first?.summary.groupPath[0]}`
            : `${size} devices`,
      issuedAt: isoAt(issuedMs),
      issuedBy: random.pick(['admin', 'm.tamm', 'Berlin automation']),
      expiresAt: isoAt(issuedMs + 24 * 60 * minuteMs),
      isUrgent: index % 7 === 1,
      repeatsId: null,
      counts: countsOf(targets),
    });
  }
  seedHealthCheck(world);
  for (const state of ['running', 'cancelling'] as const) seedUnderWay(world, state);
}

/** One device that is at it. */
function seedUnderWay(world: World, state: CommandState): void {
  const issuedMs = world.now() - 3 * minuteMs;
  const id = world.random.uuid(issuedMs);
  const [device] = world.devices.values();
  if (device === undefined) return;
  const target = makeTarget(world, id, device, state, issuedMs);
  world.targets.push(target);
  world.commands.unshift({
    id,
    type: 'show-message',
    title: 'Show a message to the user',
    parameters: {
      title: 'Maintenance',
      text: 'This computer restarts at noon. Please save your work before.',
    },
    target: device.summary.name,
    issuedAt: isoAt(issuedMs),
    issuedBy: 'admin',
    expiresAt: isoAt(issuedMs + 60 * minuteMs),
    isUrgent: false,
    repeatsId: null,
    counts: countsOf([target]),
  });
}

function seedHealthCheck(world: World): void {
  const issuedMs = world.now() - 200 * minuteMs;
  const id = world.random.uuid(issuedMs);
  const targets = [...world.devices.values()].slice(0, 3).map((device) => ({
    ...makeTarget(world, id, device, 'succeeded', issuedMs),
    result: { overall: 'failed', checks },
  }));
  world.targets.push(...targets);
  world.commands.splice(2, 0, {
    id,
    type: 'run-health-check',
    title: 'Run a health check',
    parameters: {},
    target: '3 devices',
    issuedAt: isoAt(issuedMs),
    issuedBy: 'admin',
    expiresAt: isoAt(issuedMs + 24 * 60 * minuteMs),
    isUrgent: false,
    repeatsId: null,
    counts: countsOf(targets),
  });
}
