import { revokeEnrolmentToken } from '@holdfast/api';
import { allLogSamples } from '../log-samples.ts';
import { createGroups, createTags, createToken, type Places, say, setTimes } from '../organisation.ts';
import { inviteEverybody, type People } from '../people.ts';
import { loseSight, type Scene } from '../scene.ts';
import type { Site } from '../site.ts';

const WEEK_MS = 604_800_000;

/** A group in which a device is not given up for a week. */
export const patientPath = 'Field service / North';

/** Ada sets the server up, and says how the organisation is divided. */
export async function found(site: Site, people: People): Promise<Places> {
  const link = await site.server.app.modules.createSetupLink();
  if (link === undefined) throw new Error('The server has an administrator already');
  await people.setUp(link.address);
  const ada = await people.as('ada');
  const places = await createGroups(ada);
  await createTags(ada);
  // Silence is noticed in seconds as long as the past lasts.
  await setTimes(ada, { heartbeatIntervalMs: 1_000, offlineTimeoutMs: 3_000 });
  await say(ada, places.idOf(patientPath), { heartbeatIntervalMs: 1_000, offlineTimeoutMs: WEEK_MS });
  await inviteEverybody(people, { berlin: places.idOf('Berlin'), lisbon: places.idOf('Lisbon') });
  return places;
}

/**
 * The first computers: tokens of every kind, some products that nobody hears of again, and their first logs.
 *
 * @returns what the server has not noticed yet
 */
export async function rollOut({
  site,
  people,
  fleet,
  roster,
  places,
}: Scene): Promise<{ silence: Promise<void> }> {
  const ada = await people.as('ada');
  const { workers, lost, kiosks, timedOut, removedWithGroup, host, before, neverHeard } = roster;
  const tokenFor = async (name: string, path: string, more: { maxUses?: number; days?: number } = {}) =>
    (await createToken(ada, { name, groupId: places.idOf(path), ...more })).tokenString;
  const berlin = await tokenFor('Berlin workplaces', 'Berlin', { maxUses: 250 });
  await fleet.register([...workers, before], berlin);
  await fleet.register(
    kiosks,
    await tokenFor('Kiosk roll-out', 'Kiosks', { maxUses: kiosks.length, days: 20 }),
  );
  await fleet.register(timedOut, await tokenFor('Field laptops', patientPath, { maxUses: 50 }));
  await fleet.register(removedWithGroup, await tokenFor('Old office', 'Old office', { days: 10 }));
  await fleet.register(
    neverHeard.slice(0, 2),
    await tokenFor('Trial laptops', 'New devices', { maxUses: 5, days: 14 }),
  );
  await fleet.register([...lost[0], host], await tokenFor('Data centre image', 'Data centre'));
  const mailed = await createToken(ada, {
    name: 'Mistakenly mailed',
    groupId: places.idOf('New devices'),
    days: 360,
  });
  await ada.call(revokeEnrolmentToken, { params: { tokenId: mailed.token.id } });

  const heard = [...lost[0], before];
  await fleet.connect([...heard, ...workers]);
  for (const product of workers.slice(0, 4)) await product.log(allLogSamples);
  await workers[4]?.log(allLogSamples, 214);
  return { silence: loseSight({ site }, heard) };
}
