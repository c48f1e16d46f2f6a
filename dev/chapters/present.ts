import {
  type ApiClient,
  cancelCommand,
  cancelJob,
  defaultCommunicationSettings,
  getJob,
  inviteAdministrator,
  issueCommand,
  listWaitingRegistrations,
  refuseRegistration,
  type Schedule,
  builtInRoleIds,
} from '@holdfast/api';
import { until } from '../../e2e/support/until.ts';
import { issueRecoveryLink } from '../../apps/server/src/modules/access/index.ts';
import { allLogSamples, drawLogSamples } from '../log-samples.ts';
import { createToken, say, setTimes } from '../organisation.ts';
import { forEach } from '../parallel.ts';
import type { registerReportJobs } from '../report-jobs.ts';
import { idsOf, patienceMs, type Scene } from '../scene.ts';
import { patientPath } from './founding.ts';

/** Says something that the group above does not let it say any more. */
const lockedPath = 'Data centre / Databases';

/** Everybody who is to live comes, and a few go again at once. */
export async function comeTogether({ people, fleet, roster, places, random, site }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const { presence } = site.server.app.modules;
  await fleet.connect(roster.timedOut);
  for (const product of roster.timedOut) product.fallSilent();
  await setTimes(ada, defaultCommunicationSettings);
  await say(ada, places.idOf('Kiosks'), { schedule: idleNow(site.clock.now()) });
  await say(ada, places.idOf('Data centre'), {
    heartbeatIntervalMs: 60_000,
    offlineTimeoutMs: 300_000,
    mode: 'automatic',
  });
  await say(ada, places.idOf(lockedPath), { heartbeatIntervalMs: 30_000, mode: 'one-way' });
  await say(ada, places.idOf('Data centre'), {}, ['heartbeatIntervalMs', 'mode']);
  await say(ada, places.idOf('Hamburg'), { transport: 'https' });

  const { tokenString } = await createToken(await people.as('m.tamm'), {
    name: 'Berlin, replacements',
    groupId: places.idOf('Berlin'),
    maxUses: 40,
  });
  await fleet.register([roster.after, roster.container, roster.copied], tokenString);
  const { workers, kiosks, troubled, after, host, container, copied } = roster;
  await fleet.enliven([
    ...workers,
    ...kiosks,
    ...troubled,
    after,
    host,
    container,
    copied,
    ...roster.thirds.flat(),
  ]);
  await forEach(roster.thirds[2], 8, async (product) => await product.log(drawLogSamples(random, 4)));
  await workers[0]?.log(allLogSamples);
  await until(
    'the server waits for the field service',
    () =>
      roster.timedOut.every(
        ({ productNumber }) => presence.currentPresence(productNumber).status === 'timed-out',
      ) || undefined,
    patienceMs,
  );
  await say(ada, places.idOf(patientPath), { heartbeatIntervalMs: null });
}

/** Whoever waits for an administrator: for approval, for the record that is gone, for a key of its own. */
export async function askForApproval({ people, fleet, roster, places, random }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const { tokenString } = await createToken(ada, {
    name: 'Private computers, looked at one by one',
    groupId: places.idOf('Lisbon'),
    isApprovalNeeded: true,
    maxUses: 20,
  });
  await fleet.register(roster.waiting, tokenString);
  for (const lost of [roster.purged, roster.stranger]) await refused(lost.connect());
  const [hopeless] = (await ada.call(listWaitingRegistrations, {})).registrations;
  await ada.call(refuseRegistration, { params: { registrationId: hopeless?.id ?? '' } });

  const { copied } = roster;
  const { name, hardwareId, ...rest } = copied.traits.computer;
  const copy = copied.copyOnto({
    ...rest,
    name: `${name}-2`,
    hardwareId: `${hardwareId.slice(0, -6)}${random.hex(6)}`,
  });
  await copy.connect();
  // The original comes back, and that shows that both live.
  await copied.connect();
  await refused(copy.connect());
  await copy.registerAnew();
  copy.fallSilent();
}

/** Commands in every state that lasts. */
export async function order({ people, roster, places }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const mari = await people.as('m.tamm');
  const [, , lingering] = roster.workers;
  if (lingering === undefined) throw new Error('The fleet has no workers');
  const show = async (client: ApiClient) =>
    await client.call(issueCommand, {
      body: {
        type: 'show-message',
        targets: { deviceIds: [lingering.deviceId] },
        parameters: {
          title: 'Maintenance',
          text: 'This computer restarts at noon. Please save your work before.',
        },
      },
    });
  const cancelling = await show(ada);
  await show(mari);
  await lingering.obey();
  await ada.call(cancelCommand, { params: { commandId: cancelling.id } });
  // Nobody there fetches it.
  await mari.call(issueCommand, {
    body: {
      type: 'synchronise-now',
      targets: { deviceIds: idsOf(roster.lost[2]) },
      expiresInMs: 604_800_000,
    },
  });
  await ada.call(issueCommand, {
    body: { type: 'run-health-check', targets: { filter: { groupId: places.idOf('Kiosks') } } },
  });
  await ada.call(issueCommand, {
    body: { type: 'collect-inventory', targets: { filter: { groupId: places.idOf('Berlin') } } },
  });
  await forEach(roster.workers, 6, async (worker) => await worker.obey());
}

/** Jobs in every state. */
export async function queue(
  { people }: Scene,
  reports: ReturnType<typeof registerReportJobs>,
): Promise<void> {
  const ada = await people.as('ada');
  for (const fate of ['is-sent', 'is-refused', 'fails-for-now', 'takes-long'] as const)
    await reports.ask(fate);
  const regretted = await reports.ask('is-sent', { inMs: 7_200_000 });
  await ada.call(cancelJob, { params: { jobId: regretted } });
  await reports.ask('is-sent', { inMs: 14_400_000 });
  const stubborn = await reports.ask('takes-no-notice');
  await until(
    'a report is being sent',
    async () => {
      const { state } = await ada.call(getJob, { params: { jobId: stubborn } });
      return state === 'running' || undefined;
    },
    patienceMs,
  );
  await ada.call(cancelJob, { params: { jobId: stubborn } });
}

/** Addresses that are others for each fleet. */
export interface Links {
  /** One-time links that nobody has used yet. */
  readonly invitation: string;
  readonly recovery: string;
  /** The communication of a group whose own values a lock keeps from having an effect. */
  readonly lockedGroup: string;
}

export async function invite({ people, places, site }: Scene): Promise<Links> {
  const ada = await people.as('ada');
  const { link } = await ada.call(inviteAdministrator, {
    body: {
      name: 'j.lee',
      displayName: '이지은',
      grants: [{ roleId: builtInRoleIds.auditor, groupId: null }],
    },
  });
  const recovery = await issueRecoveryLink(site.server.app.platform, 'm.tamm', site.origin);
  const lockedGroup = `${site.origin}/groups/${places.idOf(lockedPath)}/communication`;
  return { invitation: link, recovery: recovery.address, lockedGroup };
}

/** Idle at all times but for two hours, which begin in six. */
function idleNow(nowMs: number): Schedule {
  const hour = new Date(nowMs).getUTCHours();
  const isWorking = (at: number): boolean => (at - hour + 24) % 24 === 6 || (at - hour + 24) % 24 === 7;
  const day = Array.from({ length: 24 }, (_, at) => (isWorking(at) ? 'f' : '0')).join('');
  return { timeZone: 'Etc/UTC', week: Array.from({ length: 7 }, () => day) };
}

/** The server says no, and remembers who asked. */
async function refused(attempt: Promise<unknown>): Promise<void> {
  await attempt.then(
    () => Promise.reject(new Error('A product that should wait was let in')),
    () => undefined,
  );
}
