import {
  getLogSettings,
  listLogEntries,
  type LogRecord,
  type LogSettings,
  type LogSeverity,
  logSeverities,
  updateLogSettings,
} from '@holdfast/api';
import type { RouteTable } from './route-table.ts';
import { groupAndBelow, isoAt, type MockDevice, type World } from './world.ts';

type Sample = readonly [
  type: string,
  severity: LogSeverity,
  text: string,
  facts: Record<string, unknown> | null,
];

const samples: readonly Sample[] = [
  ['agent-started', 'info', 'The agent has started.', { version: '0.1.0', pid: 731 }],
  [
    'handshake-made',
    'info',
    'Agent and server agreed on how they communicate.',
    { transport: 'udp', mode: 'two-way-udp' },
  ],
  ['server-lost', 'warning', 'The server does not answer.', { code: 'ECONNREFUSED', sinceMs: 42_000 }],
  ['server-found', 'notice', 'The server answers again.', { awayMs: 310_000 }],
  [
    'command-begun',
    'info',
    'A command has begun.',
    { type: 'collect-inventory', commandId: '0198c5a0-1c2d-7abc-8def-0123456789ab' },
  ],
  ['command-ended', 'info', 'A command has ended.', { type: 'collect-inventory', state: 'succeeded' }],
  ['clock-leapt', 'warning', 'The clock leapt: it was set, or this computer slept.', { byMs: 5_400_000 }],
  [
    'disk-encryption-changed',
    'warning',
    'The encryption state of a disk changed.',
    { disk: 'sda2', from: 'encrypted', to: 'not-encrypted' },
  ],
  [
    'listener-refused',
    'warning',
    'A call was refused that does not come from the server.',
    { address: '203.0.113.9' },
  ],
  [
    'log-entries-dropped',
    'error',
    'Entries were dropped because there was no room for them.',
    { count: 214 },
  ],
  [
    'address-changed',
    'info',
    'The network addresses of this computer changed.',
    { addresses: ['10.20.1.7', 'fe80::1'] },
  ],
  [
    'state-database-repaired',
    'critical',
    'The state file was lost or damaged and was made anew. Commands and entries in the former one are lost.',
    null,
  ],
];
const minuteMs = 60_000;

/** The log of the devices of the world; a new entry comes every few seconds. */
export function handleLogs({ handle }: RouteTable, world: World): void {
  const devices = [...world.devices.values()];
  const entries: LogRecord[] = [];
  let settings: LogSettings = { retentionDays: 90 };
  let revision = 1;
  const add = (device: MockDevice, receivedMs: number): void => {
    // Most of what happens is ordinary.
    const chance = world.random.next();
    const [type, severity, text, facts] = world.random.pick(chance < 0.75 ? samples.slice(0, 6) : samples);
    entries.unshift({
      id: entries.length + 1,
      receivedAt: isoAt(receivedMs),
      at: isoAt(receivedMs - (chance < 0.1 ? 7_200_000 : 120 + world.random.integer(900))),
      source: type === 'log-entries-dropped' ? 'server' : 'product',
      productNumber: device.summary.productNumber,
      deviceId: device.summary.id,
      deviceName: device.summary.name,
      type,
      severity,
      text,
      facts,
    });
  };
  if (devices.length > 0) {
    for (let index = 1_200; index > 0; index -= 1) {
      add(world.random.pick(devices), world.now() - index * 3 * minuteMs - world.random.integer(minuteMs));
    }
    setInterval(() => {
      const device = world.random.pick(devices);
      add(device, world.now());
      const highestSeverity = entries[0]?.severity ?? 'info';
      world.publish({ type: 'logs', deviceId: device.summary.id, count: 1, highestSeverity });
    }, 6_000).unref();
  }
  handle(listLogEntries, ({ query }) => {
    const least = query.severity === undefined ? 0 : logSeverities.indexOf(query.severity);
    const groups = query.groupId === undefined ? undefined : groupAndBelow(world, query.groupId);
    const words = query.search?.toLowerCase();
    const matching = entries.filter((entry) => {
      if (logSeverities.indexOf(entry.severity) < least) return false;
      if (query.type !== undefined && entry.type !== query.type) return false;
      if (query.deviceId !== undefined && entry.deviceId !== query.deviceId) return false;
      if (query.from !== undefined && entry.receivedAt < query.from) return false;
      if (query.to !== undefined && entry.receivedAt >= query.to) return false;
      if (words !== undefined && !entry.text.toLowerCase().includes(words)) return false;
      const groupId =
        entry.deviceId === null ? undefined : world.devices.get(entry.deviceId)?.summary.groupId;
      return groups === undefined || (groupId !== undefined && groups.has(groupId));
    });
    const beforeId = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number(query.cursor);
    const rest = matching.filter((entry) => entry.id < beforeId);
    const page = rest.slice(0, query.limit ?? 100);
    const last = page.at(-1);
    const hasMore = rest.length > page.length && last !== undefined;
    return {
      entries: page,
      nextCursor: hasMore ? String(last.id) : null,
      searchedTo: hasMore ? last.receivedAt : null,
    };
  });
  const stored = () => ({ revision, logs: settings, changedAt: null, changedBy: null });
  handle(getLogSettings, stored);
  handle(updateLogSettings, ({ body }) => {
    settings = body.logs;
    revision += 1;
    return stored();
  });
}
