import { isoAt, type World } from './world.ts';
import { addTag } from './tag-handlers.ts';

const tags = [
  ['kiosk', 'teal', 'Stands in a hall, nobody signs in'],
  ['lab', 'purple', ''],
  ['env:prod', 'red', 'Change only in the maintenance window'],
  ['env:test', 'orange', ''],
  ['leased', 'blue', 'Goes back to the lender in 2027'],
  ['VIP', 'pink', 'Call before you do anything'],
  [
    'to-be-replaced-by-the-end-of-next-year',
    'grey',
    'A long name and a long description, to see how both are cut where there is little room',
  ],
] as const;

/** Tags on about half of the devices, and notes on some. */
export function seedTags(world: World): void {
  for (const [name, colour, description] of tags) addTag(world, name, { colour, description });
  const names = world.tags.map((tag) => tag.name);
  for (const device of world.devices.values()) {
    const share = world.random.next();
    const own = names.filter(() => world.random.next() < (share < 0.05 ? 0.9 : share < 0.5 ? 0.2 : 0));
    device.summary = { ...device.summary, tags: own };
    if (world.random.next() < 0.3) seedNotes(world, device.summary.id);
  }
}

function seedNotes(world: World, deviceId: string): void {
  const nowMs = world.now();
  const write = (daysAgo: number, createdBy: string, text: string, changedDaysAgo?: number): void => {
    world.notes.push({
      id: world.random.uuid(nowMs - daysAgo * 86_400_000),
      deviceId,
      text,
      createdAt: isoAt(nowMs - daysAgo * 86_400_000),
      createdBy,
      changedAt: changedDaysAgo === undefined ? null : isoAt(nowMs - changedDaysAgo * 86_400_000),
      changedBy: changedDaysAgo === undefined ? null : 'Admin',
      revision: changedDaysAgo === undefined ? 1 : 2,
      isOwn: createdBy === 'Admin',
    });
  };
  write(1, 'Admin', 'Screen replaced.');
  write(
    12,
    'M. Tamm',
    'Does not wake up from the dock.\n\n1. Firmware of the dock is new.\n2. Cable changed.\nNext: ask the maker, ticket <b>4711</b>.',
    3,
  );
  write(200, 'API key Berlin automation', 'Set up by script.');
}
