import { systemClock } from '@holdfast/kernel';
import {
  DeviceListService,
  type DeviceListQuery,
} from '../apps/server/src/modules/directory/device-list.service.ts';
import { listByLastSeen } from '../apps/server/src/modules/presence/last-seen-order.ts';
import { PresenceEngine } from '../apps/server/src/modules/presence/presence-engine.ts';
import { loadPresence } from '../apps/server/src/modules/presence/presence-loader.service.ts';
import { tallyDevices, tallyValues } from '../apps/server/src/modules/directory/directory-summary.store.ts';
import { countDevicesByGroup, listGroups } from '../apps/server/src/modules/directory/groups.store.ts';
import { countDevicesByTag } from '../apps/server/src/modules/tags/tags.store.ts';
import { createTestDatabase } from '../apps/server/src/platform/database/test-database.ts';
import { definitionOf, deviceSorts, plainFields } from '@holdfast/api';
import { plainFleet, seedFleet, seedTags } from './directory/fleet.ts';
import { type Figure, printFigures } from './report.ts';

// How long the server takes for one page of the device list, by what is asked for. The database runs without fsync,
// which reading does not notice.

const deviceCount = Number(process.env['HOLDFAST_BENCH_DEVICES'] ?? 1_000_000);
const rounds = Number(process.env['HOLDFAST_BENCH_ROUNDS'] ?? 20);

const database = await createTestDatabase({ statementTimeoutMs: 600_000 });
try {
  const { db } = database;
  const seededAt = performance.now();
  await seedFleet(db, deviceCount);
  await seedTags(db);
  const seedMs = performance.now() - seededAt;

  const engine = new PresenceEngine({
    clock: systemClock,
    times: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 },
  });
  const loadedAt = performance.now();
  await loadPresence(db, engine);
  const loadMs = performance.now() - loadedAt;

  const list = new DeviceListService({
    platform: { database: db, clock: systemClock },
    presence: {
      currentPresence: (productNumber) => engine.current(productNumber),
      listByLastSeen: (query) => listByLastSeen(engine.table, query),
      saveStatuses: async () => {},
    },
  });
  const actor = { kind: 'system', name: 'benchmark' } as const;
  const groups = await listGroups(db, null);
  const idOf = (...path: readonly string[]): string =>
    groups.find((group) => group.names.join() === path.join())?.id ?? '';
  const site = idOf('Site 099');
  const room = idOf('Site 099', 'Room 7');

  const cases: Record<string, DeviceListQuery> = {
    'everything, by name': {},
    'everything, by name, backwards': { order: 'descending' },
    'everything, by address': { sort: 'address' },
    'everything, by system': { sort: 'system' },
    'everything, by registration': { sort: 'registered' },
    'everything, by last sign of life': { sort: 'last-seen', order: 'descending' },
    'one site (1 %, all at the end), by name': { groupId: site },
    'one site, by last sign of life': { groupId: site, sort: 'last-seen' },
    'one room (0.05 %), by name': { groupId: room },
    'search "pc-0012345"': { search: 'pc-0012345' },
    'search "trixie" (25 %)': { search: 'trixie' },
    'search "10.7.3" and a site': { search: '10.7.3', groupId: site },
    'search "zz" (nothing)': { search: 'zz' },
    'status offline (5 %), by name': { status: 'offline' },
    'status offline, by last sign of life': { status: 'offline', sort: 'last-seen' },
    'status timed out (0.1 %), by address': { status: 'timed-out', sort: 'address' },
    'status disabled (0.01 %), by name': { status: 'disabled' },
    'status online (95 %), one site': { status: 'online', groupId: site },
    'platform macOS (25 %), by name': { platform: 'macos' },
    'encrypted (33 %), by name': { encryption: 'encrypted' },
    'not encrypted (66 %), by address': { encryption: 'not-encrypted', sort: 'address' },
    'encryption unknown (0.2 %), by name': { encryption: 'unknown' },
    'encryption unknown, by last sign of life': { encryption: 'unknown', sort: 'last-seen' },
    'not encrypted at one site, by registration': {
      encryption: 'not-encrypted',
      groupId: site,
      sort: 'registered',
    },
    'agent 1.0.0 (95 %), by name': { agentVersion: '1.0.0' },
    'agent 1.1.0 (3 %, all at the end), by name': { agentVersion: '1.1.0' },
    'agent 1.1.0, by system': { agentVersion: '1.1.0', sort: 'system' },
    'agent 1.1.0, by last sign of life': { agentVersion: '1.1.0', sort: 'last-seen' },
    'agent 0.9.4 (2 %), by address': { agentVersion: '0.9.4', sort: 'address' },
    'agent 0.8.0 (0.1 %), by name': { agentVersion: '0.8.0' },
    'tag on 1 %, by name': { tag: ['one'] },
    'tag on 1 %, by system': { tag: ['one'], sort: 'system' },
    'tag on 1 %, by last sign of life': { tag: ['one'], sort: 'last-seen' },
    'tag on 30 %, by name': { tag: ['third'] },
    'tag on 30 %, by address': { tag: ['third'], sort: 'address' },
    'tag on 3 %, all at the end, by name': { tag: ['lastSites'] },
    'tag on 20 %, all at the end, by name': { tag: ['lastFifth'] },
    'tag on 20 %, all at the end, by system': { tag: ['lastFifth'], sort: 'system' },
    'tags on 30 % and 1 %, by name': { tag: ['third', 'one'] },
    'tag on 30 % and Windows, by name': { tag: ['third'], platform: 'windows' },
    'without the tag on 30 %, by name': { withoutTag: ['third'] },
    'without the tag on 99.9 %, by name': { withoutTag: ['nearlyAll'] },
    'search "tag:last" (20 %)': { search: 'tag:last' },
    'offline and not encrypted, by name': { status: 'offline', encryption: 'not-encrypted' },
    'offline with agent 1.1.0 (nothing), by name': { status: 'offline', agentVersion: '1.1.0' },
    'search "trixie", not encrypted, agent 1.0.0': {
      search: 'trixie',
      encryption: 'not-encrypted',
      agentVersion: '1.0.0',
    },
    'offline Windows at one site, by system': {
      status: 'offline',
      platform: 'windows',
      groupId: site,
      sort: 'system',
    },
  };

  for (const name of plainFields) {
    const { title, word } = definitionOf(name);
    const filter = { [name]: plainFleet[name].found };
    const field = title.toLowerCase();
    cases[`everything, by ${field}`] = { sort: deviceSorts.find((sort) => sort === word) };
    cases[`one ${field}, by name`] = filter;
    cases[`one ${field}, by address`] = { ...filter, sort: 'address' };
    cases[`no ${field}, by name`] = { [name]: '' };
  }

  const figures: Figure[] = [
    { name: 'seeding', value: seedMs / 1_000, unit: 's' },
    { name: 'reading presence back', value: loadMs / 1_000, unit: 's' },
    { name: 'presence in memory, each product', value: engine.byteLength / deviceCount, unit: 'bytes' },
  ];
  const measure = async (name: string, work: (round: number) => Promise<unknown>): Promise<void> => {
    const times: number[] = [];
    await work(0);
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      await work(round);
      times.push(performance.now() - startedAt);
    }
    times.sort((left, right) => left - right);
    figures.push({
      name,
      value: times[Math.min(rounds - 1, Math.floor(rounds * 0.95))] ?? 0,
      unit: 'ms, 95 %',
    });
  };
  for (const [name, query] of Object.entries(cases)) {
    let cursor: string | undefined;
    await measure(name, async () => {
      // Page after page, as somebody who scrolls.
      const page = await list.listDevices(actor, { ...query, cursor });
      cursor = page.nextCursor ?? undefined;
    });
  }
  await measure('all groups', () => listGroups(db, null));
  await measure('counts of all groups, when not remembered', () => countDevicesByGroup(db));
  await measure('devices of all tags (1.54 for each), when not remembered', () =>
    countDevicesByTag(db, null),
  );
  await measure('summary of everything, when not remembered', () => tallyDevices(db, null));
  await measure('agent versions of everything, when not remembered', () =>
    tallyValues(db, 'agentVersion', null),
  );
  for (const name of plainFields) {
    await measure(`values of the field ${name}`, () => tallyValues(db, name, null));
  }
  printFigures(`Device list, ${deviceCount.toLocaleString('en')} devices, pages of 100`, figures);
} finally {
  await database.close();
}
