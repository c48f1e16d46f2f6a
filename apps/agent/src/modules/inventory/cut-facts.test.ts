import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InventoryRequestSchema, limits, parseJson, parseMessage } from '@holdfast/protocol';
import { cutFacts } from './cut-facts.ts';
import type { DiskFacts, InventoryFacts, VolumeFacts } from './inventory-facts.ts';
import { listSharedVolumesOnce } from './shared-volumes.ts';

const volume = (name: string, more: Partial<VolumeFacts> = {}): VolumeFacts => ({
  name,
  fileSystem: 'xfs',
  sizeBytes: 1_099_511_627_776,
  encryption: 'not-encrypted',
  ...more,
});
const disk = (name: string, volumes: readonly VolumeFacts[]): DiskFacts => ({
  name,
  sizeBytes: 16_000_900_661_248,
  encryption: 'not-encrypted',
  volumes,
});
const listOf = <Item>(length: number, make: (index: number) => Item): Item[] =>
  Array.from({ length }, (_, index) => make(index));

/** As the server does before it looks at anything. */
function assertTaken(facts: InventoryFacts): void {
  const text = JSON.stringify({ collectedAt: 1_795_312_800_000, facts });
  assert.ok(Buffer.byteLength(text) <= limits.maxInventoryBodyBytes);
  assert.ok(Buffer.byteLength(JSON.stringify(facts)) <= limits.maxInventoryBytes);
  parseMessage(InventoryRequestSchema, parseJson(text, limits.maxInventoryBodyBytes));
}

test('facts that fit stay as they are', () => {
  const facts: InventoryFacts = {
    disks: [disk('sda', [volume('root')])],
    interfaces: [{ name: 'eth0', addresses: ['10.0.0.5'] }],
  };
  assert.deepEqual(cutFacts(facts), facts);
  assert.deepEqual(cutFacts({}), {});
});

test('a storage host of 36 disks with 120 volumes each is taken with all its disks, and says what it left out', () => {
  const disks = listOf(36, (n) =>
    disk(
      `sd${n}`,
      listOf(120, (m) => volume(`vg${n}-lv${m}`, { mountPoint: `/srv/storage/pool-${n}/volume-${m}` })),
    ),
  );
  const cut = cutFacts({ hostName: 'store-1', disks });
  assertTaken(cut);
  assert.equal(cut.hostName, 'store-1');
  assert.equal(cut.disks?.length, 36);
  assert.equal(cut.disksOmitted, undefined);
  for (const { volumes = [], volumesOmitted } of cut.disks ?? []) {
    assert.ok(volumes.length > 30, 'every disk shows its share');
    assert.equal(volumes.length + (volumesOmitted ?? 0), 120);
  }
  const [first] = cut.disks ?? [];
  const oneMore = (first?.volumes?.length ?? 0) + 1;
  const more = {
    ...cut,
    disks: disks.map((one) => ({ ...one, volumes: (one.volumes ?? []).slice(0, oneMore) })),
  };
  assert.throws(() => assertTaken(more), 'not more is cut than has to be');
});

test('whatever list is too long, by bytes or by values, it is cut, and the rest is told', () => {
  const wide = 'x'.repeat(200);
  const cases: readonly InventoryFacts[] = [
    { disks: listOf(4_000, (n) => disk(`${wide}${n}`.slice(-200), [])) },
    {
      disks: listOf(256, () =>
        disk(
          'sda',
          listOf(256, () => volume('v')),
        ),
      ),
    },
    {
      disks: listOf(256, () =>
        disk(
          wide,
          listOf(9, () => volume(wide, { mountPoint: `/${wide.repeat(5)}` })),
        ),
      ),
    },
    { interfaces: listOf(300, (n) => ({ name: `eth${n}`, addresses: listOf(300, () => 'fe80::1:2:3:4') })) },
    { interfaces: listOf(5_000, () => ({ name: wide.slice(0, 64), addresses: [] })) },
    {
      disks: listOf(256, (n) => disk(`sd${n}\u0001`.repeat(30), [])),
      interfaces: listOf(256, (n) => ({ name: `e${n}`, addresses: listOf(64, () => '\u0001'.repeat(64)) })),
    },
  ];
  for (const facts of cases) {
    const cut = cutFacts(facts);
    assertTaken(cut);
    const count = (list: readonly unknown[] | undefined, omitted: number | undefined) =>
      (list?.length ?? 0) + (omitted ?? 0);
    assert.equal(count(cut.disks, cut.disksOmitted), facts.disks?.length ?? 0);
    assert.equal(count(cut.interfaces, cut.interfacesOmitted), facts.interfaces?.length ?? 0);
  }
});

test('a volume on several disks is listed at the first, and the states of the disks stay', () => {
  const spanned = volume('vg-data', { mountPoint: '/data' });
  const disks = listSharedVolumesOnce([
    disk('sda', [volume('sda1', { mountPoint: '/boot' }), spanned]),
    { ...disk('sdb', [{ ...spanned, freeBytes: 5 }, volume('sdb2')]), encryption: 'partly-encrypted' },
    disk('sdc', [spanned]),
    { name: 'sdd', sizeBytes: 1, encryption: 'unknown' },
  ]);
  const told = disks.map(({ name, volumes, volumesListedBefore }) => [
    name,
    volumes?.map((one) => one.name),
    volumesListedBefore,
  ]);
  assert.deepEqual(told, [
    ['sda', ['sda1', 'vg-data'], undefined],
    ['sdb', ['sdb2'], 1],
    ['sdc', [], 1],
    ['sdd', undefined, undefined],
  ]);
  assert.equal(disks[1]?.encryption, 'partly-encrypted');
});

test('volumes that only have the same name are two', () => {
  const disks = listSharedVolumesOnce([
    disk('disk2', [volume('Untitled', { sizeBytes: 1 })]),
    disk('disk3', [
      volume('Untitled', { sizeBytes: 2 }),
      volume('Untitled', { mountPoint: '/Volumes/Untitled 1' }),
    ]),
  ]);
  assert.deepEqual(
    disks.map(({ volumes }) => volumes?.length),
    [1, 2],
  );
});
