import {
  addNote,
  type ApiClient,
  type BodyOf,
  cancelCommand,
  changeDeviceTags,
  changeNote,
  createSavedView,
  issueCommand,
  listAdministrators,
  listNotes,
  planGroupRemoval,
  removeGroup,
  renameDevice,
  renameGroup,
  retryCommand,
} from '@holdfast/api';
import { drawLogSamples } from '../log-samples.ts';
import { createToken, move, type Places } from '../organisation.ts';
import { forEach } from '../parallel.ts';
import { disable } from '../people.ts';
import { idsOf, loseSight, type Scene } from '../scene.ts';
import type { SimulatedProduct } from '../simulated-product.ts';

/** Tokens for every town, and one part of the fleet spread over them. @param part 0, 1 or 2 */
export async function joinPart({ people, fleet, roster, places }: Scene, part: 0 | 1 | 2): Promise<void> {
  const ada = await people.as('ada');
  const joining = [...roster.thirds[part], ...(part === 0 ? [] : roster.lost[part])];
  for (const [index, town] of places.towns.entries()) {
    const here = joining.filter((_, place) => place % places.towns.length === index);
    const { tokenString } = await createToken(ada, {
      name: `${town}, ${['first', 'second', 'third'][part]} delivery`,
      groupId: places.idOf(town),
      maxUses: here.length + 20 * part,
    });
    await fleet.register(here, tokenString);
    // Into the groups below, but for every third, which stays where it came.
    const below = places.below(town);
    for (const [place, path] of below.entries()) {
      const moved = here.filter((_, nth) => nth % 3 !== 0 && nth % below.length === place);
      await move(ada, idsOf(moved), places.idOf(path));
    }
  }
}

/** Names, tags and notes; a group that is closed, and a colleague who leaves. */
export async function settleIn({ people, fleet, roster, places, random }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const mari = await people.as('m.tamm');
  await fleet.register(
    roster.neverHeard.slice(2),
    (
      await createToken(mari, {
        name: 'Prepared and never switched on',
        groupId: places.idOf('Hamburg / Logistics'),
        maxUses: 2,
      })
    ).tokenString,
  );
  const settled = [...roster.workers, ...roster.thirds[0]];
  const [first] = roster.workers;
  if (first === undefined) throw new Error('The fleet has no workers');
  await mari.call(renameDevice, {
    params: { deviceId: first.deviceId },
    body: { name: 'Front desk, ground floor' },
  });
  for (const [name, share] of [
    ['kiosk', 0],
    ['lab', 0.2],
    ['env:prod', 0.25],
    ['env:test', 0.15],
    ['leased', 0.3],
    ['VIP', 0.04],
    ['重要', 0.1],
    ['to-be-replaced-by-the-end-of-next-year', 0.06],
  ] as const) {
    const drawn = settled.filter(() => random.next() < share);
    // A rare one is on one device at least.
    const marked = name === 'kiosk' ? roster.kiosks : drawn.length > 0 ? drawn : settled.slice(0, 1);
    await mari.call(changeDeviceTags, {
      body: { targets: { deviceIds: idsOf(marked) }, add: [name], remove: [] },
    });
  }
  await writeNotes(
    ada,
    mari,
    settled.filter((_, index) => index < 2 || index % 5 === 0),
  );

  await saveViews(ada, mari, places);
  const groupId = places.idOf('Hamburg / Logistics');
  await mari.call(renameGroup, { params: { groupId }, body: { name: 'Warehouse', revision: 1 } });
  const office = places.idOf('Old office');
  const { planToken } = await ada.call(planGroupRemoval, { params: { groupId: office } });
  await ada.call(removeGroup, { params: { groupId: office }, body: { planToken } });
  const { administrators } = await ada.call(listAdministrators, {});
  const otto = administrators.find(({ name }) => name === 'old.admin');
  await disable(ada, otto?.id ?? '');
}

async function saveViews(ada: ApiClient, mari: ApiClient, places: Places): Promise<void> {
  const unencrypted = { encryption: 'not-encrypted' } as const;
  const views: readonly BodyOf<typeof createSavedView>[] = [
    {
      name: 'Laptops to encrypt',
      content: { filter: unencrypted, columns: ['name', 'status', 'model', 'owner', 'group'] },
      isShared: true,
    },
    { name: 'Silent for long', content: { filter: { status: 'offline' }, sort: 'last-seen' } },
    {
      name: 'Logistics on Linux',
      content: { filter: { groupId: places.idOf('Hamburg / Logistics'), platform: 'linux' } },
    },
  ];
  for (const body of views) await ada.call(createSavedView, { body });
  const mine = { name: 'Kiosks', content: { filter: { tag: ['kiosk'] } } };
  await mari.call(createSavedView, { body: { ...mine, isShared: true } });
}

async function writeNotes(ada: ApiClient, mari: ApiClient, on: readonly SimulatedProduct[]): Promise<void> {
  await forEach(on, 4, async ({ deviceId }, index) => {
    const params = { deviceId };
    await ada.call(addNote, { params, body: { text: 'Screen replaced.' } });
    if (index > 3) return;
    const text =
      'Does not wake up from the dock.\n\n1. Firmware of the dock is new.\n2. Cable changed.\nNext: ask the maker, ticket <b>4711</b>.';
    await mari.call(addNote, { params, body: { text } });
    const { notes } = await mari.call(listNotes, { params });
    const own = notes.find(({ isOwn }) => isOwn);
    if (own === undefined) return;
    await mari.call(changeNote, {
      params: { noteId: own.id },
      body: { text: `${text} They answered.`, revision: own.revision },
    });
  });
}

/** An ordinary day: the workers are there, are told to do this and that, and log it. */
export async function work({ people, fleet, roster, places, random }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const joao = await people.as('j.silva');
  const { workers } = roster;
  await fleet.connect(workers);
  const forWorkers = { deviceIds: idsOf(workers) };
  const obey = async () => await forEach(workers, 6, async (worker) => await worker.obey());

  const collected = await ada.call(issueCommand, {
    body: { type: 'collect-inventory', targets: forWorkers },
  });
  await ada.call(issueCommand, {
    body: { type: 'run-health-check', targets: { deviceIds: forWorkers.deviceIds.slice(-4) } },
  });
  await obey();
  await ada.call(retryCommand, { params: { commandId: collected.id }, body: { states: ['failed'] } });
  await ada.call(issueCommand, {
    body: {
      type: 'show-message',
      targets: { deviceIds: forWorkers.deviceIds.slice(-1) },
      parameters: {
        title: 'Maintenance',
        text: 'This computer restarts at noon. Please save your work before.',
      },
    },
  });
  await ada.call(issueCommand, {
    body: {
      type: 'set-log-level',
      targets: { deviceIds: forWorkers.deviceIds.slice(-2) },
      parameters: { level: 'debug', forMinutes: 60 },
      isUrgent: true,
    },
  });
  await ada.call(issueCommand, {
    body: { type: 'collect-inventory', targets: { filter: { groupId: places.idOf('Berlin') } } },
  });
  await joao.call(issueCommand, {
    body: { type: 'upload-logs', targets: { filter: { groupId: places.idOf('Lisbon') } } },
  });
  await obey();
  const regretted = await joao.call(issueCommand, {
    body: { type: 'restart-agent', targets: { filter: { groupId: places.idOf('Lisbon') } } },
  });
  await joao.call(cancelCommand, { params: { commandId: regretted.id } });
  await forEach(workers, 6, async (worker) => await worker.log(drawLogSamples(random, 12)));
}

/** Those whose last day this was. */
export async function lose(scene: Scene, part: 1 | 2): Promise<void> {
  const lost = scene.roster.lost[part];
  await scene.fleet.connect(lost);
  await loseSight(scene, lost);
}
