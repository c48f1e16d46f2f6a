import {
  createApiKey,
  createWebhook,
  deleteRole,
  createRole,
  pauseWebhook,
  planDeviceAdmission,
  planDeviceRemoval,
  purgeRecycled,
  removeDevices,
  setDeviceAdmission,
  setJobScheduleState,
  signIn,
  testWebhook,
} from '@holdfast/api';
import { get } from 'node:https';
import { createToken } from '../organisation.ts';
import { openSession } from '../../e2e/support/administrator.ts';
import type { Receivers } from '../receivers.ts';
import { idsOf, type Scene } from '../scene.ts';

/** Devices that are disabled, removed, and removed for good; keys for programs. */
export async function tidyUp({ people, fleet, roster, places, site }: Scene): Promise<void> {
  const ada = await people.as('ada');
  const mari = await people.as('m.tamm');
  const { tokenString } = await createToken(ada, {
    name: 'Second-hand computers',
    groupId: places.idOf('Field service / South'),
    days: 1,
  });
  const leaving = [...roster.removed, roster.purged];
  await fleet.register([...leaving, ...roster.disabled, ...roster.troubled], tokenString);
  await fleet.connect([...leaving, ...roster.disabled]);
  for (const product of [...leaving, ...roster.disabled]) product.fallSilent();

  const deviceIds = idsOf(leaving);
  const { planToken } = await mari.call(planDeviceRemoval, { body: { deviceIds } });
  const { items } = await mari.call(removeDevices, { body: { deviceIds, planToken } });
  const last = items.find(({ name }) => name === roster.purged.traits.computer.name);
  await ada.call(purgeRecycled, { params: { itemId: last?.id ?? '' } });
  const disabling = { deviceIds: idsOf(roster.disabled), state: 'disabled' as const };
  const plan = await ada.call(planDeviceAdmission, { body: disabling });
  await ada.call(setDeviceAdmission, { body: { ...disabling, planToken: plan.planToken } });
  await ada.call(setJobScheduleState, { params: { kind: 'audit.verify' }, body: { state: 'paused' } });

  const keyFor = async (
    name: string,
    body: Partial<Parameters<typeof ada.call<typeof createApiKey>>[1]['body']>,
  ) => await ada.call(createApiKey, { body: { name, permissions: ['directory:read'], ...body } });
  const { key } = await keyFor('Inventory export to the asset database', { expiresInMs: 31_536_000_000 });
  await askWith(site.origin, key);
  await keyFor('Berlin automation', {
    permissions: ['directory:read', 'directory:edit', 'commands:read', 'commands:issue'],
    scopeGroupId: places.idOf('Berlin'),
  });
  await keyFor('Trial of a report, for a day', { expiresInMs: 86_400_000 });
}

/** Receivers that are well, gone, away or told to wait; and somebody who guesses passwords. */
export async function callOthers({ people, places, site }: Scene, receivers: Receivers): Promise<void> {
  const ada = await people.as('ada');
  const hook = async (name: string, status: number, events: string[], groupId: string | null = null) =>
    await ada.call(createWebhook, {
      body: { name, url: receivers.addressOf(status), events, groupId, allowsPrivate: true },
    });
  const desk = await hook(
    'Service desk',
    204,
    ['presence.changed', 'device.*', 'log-entries.received'],
    places.idOf('Berlin'),
  );
  await hook('SIEM', 503, ['*']);
  await hook('Old reporting script', 410, ['device.*']);
  const chat = await hook('Chat of the night shift', 204, ['job.given-up', 'command-target.ended']);
  await ada.call(testWebhook, { params: { webhookId: desk.webhook.id } });
  await ada.call(pauseWebhook, { params: { webhookId: chat.webhook.id } });

  const trial = await ada.call(createRole, {
    body: { name: 'Trial', description: '', permissions: ['directory:read'] },
  });
  await ada.call(deleteRole, { params: { roleId: trial.id } });
  for (const name of ['root', 'admin', 'ada']) {
    const guess = openSession(site.origin, (client) =>
      client.call(signIn, { body: { name, password: 'letmein-letmein' } }),
    );
    await guess.then(
      () => Promise.reject(new Error('A guessed password was good')),
      () => undefined,
    );
  }
}

/** A program asks with its key. */
async function askWith(origin: string, key: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const url = new URL('/api/v1/devices?limit=1', origin);
  // The server of this very process: whose certificate it is needs no proof.
  get(
    url,
    { rejectUnauthorized: false, agent: false, headers: { authorization: `Bearer ${key}` } },
    (answer) => {
      answer.resume().on('end', resolve);
    },
  ).on('error', reject);
  await promise;
}
