import {
  type ApiClient,
  createComponentPlan,
  createComponentSource,
  listComponentDownloads,
  listComponentRollouts,
  lookAtComponentSource,
  setComponentDeployment,
  setComponentSchedule,
  startComponentDownload,
  trustComponentSource,
} from '@holdfast/api';
import type { ComponentState } from '@holdfast/protocol';
import { join } from 'node:path';
import { until } from '../../e2e/support/until.ts';
import { components } from '../component-kinds.ts';
import { forEach } from '../parallel.ts';
import { Publisher } from '../publisher.ts';
import { patienceMs, type Scene } from '../scene.ts';
import type { SimulatedProduct } from '../simulated-product.ts';

const DAY_MS = 86_400_000;

/** Whose signatures count, and the first releases. Nothing begins by itself as long as the past lasts. */
export async function subscribe({ site, people, random }: Scene): Promise<Publisher> {
  const ada = await people.as('ada');
  const publisher = await Publisher.begin(join(site.home, 'publisher'), site.clock, random);
  await ada.call(setComponentSchedule, {
    body: { isEnabled: false, everyMinutes: 60, startTime: null, hours: null, revision: 0 },
  });
  for (const component of Object.values(components)) await publisher.publish(component, '2026.1');
  const source = await ada.call(createComponentSource, {
    body: {
      name: 'Publisher',
      kind: 'folder',
      address: publisher.folder,
      proxy: null,
      userName: null,
      proxyUserName: null,
    },
  });
  const params = { sourceId: source.id };
  const { fingerprint } = await ada.call(lookAtComponentSource, { params });
  await ada.call(trustComponentSource, { params, body: { fingerprint } });
  await download(ada);
  return publisher;
}

/** Releases of some days; one download meets a web server that is being moved. */
export async function followReleases({ site, people }: Scene, publisher: Publisher): Promise<void> {
  const ada = await people.as('ada');
  for (let day = 0; day < 4; day++)
    await publisher.publish(components.patterns, dayOf(site.clock.now() - (3 - day) * DAY_MS));
  await publisher.publish(components.rules, '2026.2');
  await publisher.publish(components.program, '0.9.4');
  const mend = await publisher.spoil();
  await download(ada);
  await mend();
  await download(ada);
}

/** Plans, another source, and what becomes of new releases. */
export async function plan({ people, places }: Scene): Promise<void> {
  const ada = await people.as('ada');
  await ada.call(createComponentSource, {
    body: {
      name: 'Mirror in Lisbon',
      kind: 'web',
      address: 'https://mirror.example.org/holdfast/',
      proxy: 'http://proxy.example.org:3128',
      userName: 'holdfast',
      proxyUserName: null,
      password: 'known to nobody',
    },
  });
  const stage = (path: string, delayMinutes: number, startTime: string | null = null) => ({
    groupId: places.idOf(path),
    delayMinutes,
    startTime,
    successPercent: 80,
    failurePercent: 10,
  });
  const careful = await ada.call(createComponentPlan, {
    body: {
      name: 'Careful',
      stages: [stage('Kiosks', 0), stage('Berlin', 0), stage('Hamburg', 0, '22:00'), stage('', 2_880)],
    },
  });
  await ada.call(createComponentPlan, {
    body: {
      name: 'Data centre last, at night',
      stages: [
        { ...stage('Lisbon', 60), successPercent: 95, failurePercent: null },
        { ...stage('Data centre', 0, '03:30'), successPercent: 0, failurePercent: 0 },
      ],
    },
  });
  for (const { id } of [components.rules, components.engine])
    await ada.call(setComponentDeployment, {
      params: { componentId: id },
      body: { mode: 'by-plan', planId: careful.id },
    });
  await ada.call(setComponentDeployment, {
    params: { componentId: components.program.id },
    body: { mode: 'never', planId: null },
  });
}

/** What everybody has, and two releases on their way: one that goes well, and one that stops. */
export async function deploy({ site, people, roster }: Scene, publisher: Publisher): Promise<void> {
  const ada = await people.as('ada');
  const live = [
    ...roster.workers,
    ...roster.kiosks,
    ...roster.troubled,
    roster.after,
    roster.host,
    ...roster.thirds.flat(),
  ];
  const patterns = await publisher.publish(components.patterns, dayOf(site.clock.now()), true);
  await publisher.publish(components.program, '0.9.5');
  const rules = await publisher.publish(components.rules, '2026.3');
  const engine = await publisher.publish(components.engine, '2026.2');
  await download(ada);
  const newest: Newest = { patterns, rules, engine };
  const kiosks = new Set(roster.kiosks);
  await forEach(live, 12, async (product, index) => {
    const nowMs = Math.floor(site.clock.now());
    await product.reportComponents(statesOf(product, { index, newest, nowMs, kiosks }));
  });
  const rollouts = async () => (await ada.call(listComponentRollouts, {})).rollouts;
  await until(
    'one rollout has stopped, and one goes on',
    async () =>
      (await rollouts()).some(({ state }) => state === 'stopped') &&
      (await rollouts()).some(
        ({ state, stages }) => state === 'running' && stages.some(({ passedAt }) => passedAt !== null),
      )
        ? true
        : undefined,
    patienceMs,
  );
  await ada.call(setComponentSchedule, {
    body: { isEnabled: true, everyMinutes: 1_440, startTime: '06:00', hours: null, revision: 1 },
  });
}

interface Newest {
  readonly patterns: number;
  readonly rules: number;
  readonly engine: number;
}

interface Moment {
  readonly index: number;
  readonly newest: Newest;
  readonly nowMs: number;
  readonly kiosks: ReadonlySet<SimulatedProduct>;
}

/** How one computer is with each of its components: everything that there is, somewhere. */
function statesOf(product: SimulatedProduct, { index, newest, nowMs, kiosks }: Moment): ComponentState[] {
  const { platform } = product.traits.computer;
  const isKiosk = kiosks.has(product);
  const since = (minutes: number): number => nowMs - minutes * 60_000;
  const states: ComponentState[] = [patternsOf(index, newest.patterns, since)];
  states.push(
    isKiosk || index % 5 < 2
      ? { component: components.rules.id, release: newest.rules, state: 'up-to-date', changedAt: since(4) }
      : {
          component: components.rules.id,
          release: newest.rules - 1,
          state: 'up-to-date',
          changedAt: since(2_900),
        },
  );
  if (platform !== 'macos')
    states.push(
      isKiosk && index % 3 === 0
        ? {
            component: components.engine.id,
            release: newest.engine - 1,
            target: newest.engine,
            state: 'failed',
            code: 'TRY_FAILED',
            reason: 'The engine did not find the test file: it ended with status 2.',
            changedAt: since(3),
          }
        : {
            component: components.engine.id,
            release: isKiosk ? newest.engine : newest.engine - 1,
            state: 'up-to-date',
            changedAt: since(isKiosk ? 5 : 17_000),
          },
    );
  if (platform === 'linux')
    states.push({
      component: components.program.id,
      release: index % 7 === 0 ? 1 : 2,
      state: 'up-to-date',
      changedAt: since(2_900),
    });
  return states.toSorted((one, other) => (one.component < other.component ? -1 : 1));
}

function patternsOf(index: number, newest: number, since: (minutes: number) => number): ComponentState {
  const component = components.patterns.id;
  switch (index % 29) {
    case 1:
      return { component, release: newest - 4, state: 'behind', target: newest, changedAt: since(5_800) };
    case 2:
      return { component, release: newest - 1, state: 'downloading', target: newest, changedAt: since(1) };
    case 3:
      return { component, state: 'downloading', target: newest, changedAt: since(2) };
    case 4:
      return { component, release: newest - 1, state: 'staged', target: newest, changedAt: since(1) };
    case 5:
    case 17:
      return {
        component,
        release: newest - 2,
        state: 'failed',
        target: newest,
        code: index % 2 === 0 ? 'TARGET_DISK_FULL' : 'TRY_FAILED',
        reason:
          index % 2 === 0
            ? 'There is no room for 214 MiB on the disk of the state; 37 MiB are free.'
            : 'clamscan does not load the database: malformed database header in line 1.',
        changedAt: since(42),
      };
    default:
      return { component, release: newest, state: 'up-to-date', changedAt: since(2 + (index % 9)) };
  }
}

/** Waits for its end, whatever that is. */
async function download(client: ApiClient): Promise<void> {
  const { id } = await client.call(startComponentDownload, {});
  await until(
    'the download has ended',
    async () => {
      const { downloads } = await client.call(listComponentDownloads, {});
      return downloads.some((one) => one.id === id && one.endedAt !== null) || undefined;
    },
    patienceMs,
  );
}

/** As publishers of patterns number their days. */
function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '.');
}
