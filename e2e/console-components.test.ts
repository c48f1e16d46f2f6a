import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createGroup,
  type Group,
  listCommands,
  listCommandTargets,
  listComponentDownloads,
  listComponents,
  listComponentRollouts,
  listDevices,
  lookAtComponentSource,
  listComponentSources,
} from '@holdfast/api';
import { systemClock } from '@holdfast/kernel';
import { mcpPath } from '@holdfast/protocol';
import type { Browser, Locator, Page } from 'playwright-core';
import { createTestClock } from '../apps/server/src/platform/clock/test-clock.ts';
import { TOP_GROUP_ID } from '../apps/server/src/modules/directory/index.ts';
import { GOOD_PASSWORD, signInFirstAdministrator } from '../apps/server/src/testing/test-administrators.ts';
import { callApi } from '../apps/server/src/testing/test-api.ts';
import { createTestToken, TestProduct } from '../apps/server/src/testing/test-product.ts';
import { makeTestRepository, type TestRepository } from '../apps/server/src/testing/test-repository.ts';
import { startTestServer, type TestServer } from '../apps/server/src/testing/test-server.ts';
import { hasBrowser, launchBrowser, openWindow, type Window } from './support/browser.ts';
import { chooseOption, findViolations, openPage } from './support/console-pages.ts';
import { createSteps } from './support/console-steps.ts';
import { until } from './support/until.ts';

// From nothing to a release that is on every device, as a person goes there in the console. There is always a group outside of what is
// chosen, and nothing reaches it before it is its turn.

const skip = hasBrowser ? false : 'there is no Chromium on this computer';
const CONSOLE = fileURLToPath(new URL('../apps/console/dist/', import.meta.url));
const ID = 'virus-patterns';

interface Place {
  readonly group: Group;
  readonly products: readonly TestProduct[];
}

describe('components in the console', { concurrency: false, skip }, () => {
  let home: string;
  let server: TestServer;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let publisher: TestRepository;
  let pilot: Place;
  let rest: Place;
  const cleanUps: (() => Promise<void>)[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'holdfast-console-components-'));
    [server, browser] = await Promise.all([
      startTestServer({
        isListening: true,
        consoleFolder: CONSOLE,
        clock: createTestClock(systemClock.now()),
        moduleOptions: { componentsFolder: home },
      }),
      launchBrowser(),
    ]);
    publisher = await makeTestRepository({ after: (work) => void cleanUps.push(work) }, server.clock);
    await publisher.publish(ID, 1, 'one\n');
    await signInFirstAdministrator(server, 'ada');
    pilot = await settle('Pilot', 4);
    rest = await settle('Outside', 3);
    window = await openWindow(browser);
    page = window.page;
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.address}/components`);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(GOOD_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Components' }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    for (const cleanUp of cleanUps) await cleanUp();
    await rm(home, { recursive: true, force: true });
  });

  const step = createSteps(
    () => window,
    () => '',
  );
  const dialog = (): Locator => page.getByRole('dialog');
  const rowOf = (text: string): Locator => page.getByRole('row').filter({ hasText: text });

  async function settle(name: string, count: number): Promise<Place> {
    const group = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } });
    const token = await createTestToken(server, { groupId: group.id });
    const products: TestProduct[] = [];
    for (let number = 1; number <= count; number += 1)
      products.push(await new TestProduct(server, { name: `${name}-${number}` }).join(token));
    return { group, products };
  }

  /** What a product says of itself. @returns what it is told not to go beyond */
  async function report(
    product: TestProduct | undefined,
    release: number,
    failedAt?: number,
  ): Promise<number | undefined> {
    const failure = { target: failedAt, code: 'TRY_FAILED', reason: 'The scanner does not load it.' };
    const component = {
      component: ID,
      release,
      changedAt: server.clock.now(),
      state: failedAt === undefined ? 'up-to-date' : 'failed',
      ...(failedAt === undefined ? {} : failure),
    };
    const answer = await server.call(
      { method: 'PUT', url: mcpPath.componentStates, payload: { components: [component] } },
      product?.bearer,
    );
    assert.equal(answer.statusCode, 200, answer.body);
    const { ceilings } = answer.json<{ ceilings: { component: string; release: number }[] }>();
    return ceilings.find((one) => one.component === ID)?.release;
  }

  /** The server does what it was asked for. */
  async function work(): Promise<void> {
    await server.ticks.run('jobs.turn');
    await server.app.jobs.settled();
    await server.ticks.run('components.rollouts');
  }

  async function clickDownload(): Promise<void> {
    const before = (await callApi(server, listComponentDownloads)).downloads.length;
    await page.getByRole('button', { name: 'Download now' }).first().click();
    await until(
      'the download was asked for',
      async () =>
        (await callApi(server, listComponentDownloads)).downloads.length > before ? true : undefined,
      60_000,
    );
    await work();
  }

  async function idsOf(place: Place): Promise<string[]> {
    const { devices } = await callApi(server, listDevices, { query: { groupId: place.group.id } });
    return devices.map(({ id }) => id).toSorted();
  }

  step(
    'an empty page leads to the first source, and what it offers is shown before anything is trusted',
    async () => {
      await page.getByRole('main').getByRole('link', { name: 'Add a source' }).click();
      await page.getByRole('heading', { level: 1, name: 'Downloads' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Download now' }).count(), 0);
      await page.getByRole('button', { name: 'Add source' }).click();
      await dialog().getByLabel('Name', { exact: true }).fill('Drive');
      await dialog().getByText('Folder of the server').click();
      await dialog().getByLabel('Path').fill(publisher.folder);
      await dialog().getByRole('button', { name: 'Add source' }).click();
      await dialog().getByRole('heading', { name: 'Trust this root?' }).waitFor();
      assert.equal((await callApi(server, listComponents)).repository, null);
    },
  );

  step('another fingerprint cannot be trusted, and the right one can', async () => {
    const [source] = (await callApi(server, listComponentSources)).sources;
    const params = { sourceId: source?.id ?? '' };
    const { fingerprint } = await callApi(server, lookAtComponentSource, { params });
    const trust = dialog().getByRole('button', { name: 'Trust this root' });
    const field = dialog().getByRole('textbox');
    assert.ok(await trust.isDisabled());
    await field.fill(`${fingerprint.slice(0, -1)}${fingerprint.endsWith('0') ? '1' : '0'}`);
    await dialog()
      .getByText(/^It differs/u)
      .waitFor();
    assert.ok(await trust.isDisabled());
    await field.fill(fingerprint.toUpperCase());
    await trust.click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Trusted root' }).getByText(fingerprint).waitFor();
    assert.equal((await callApi(server, listComponents)).repository?.fingerprint, fingerprint);
  });

  step('a download brings what is published, and its end shows by itself', async () => {
    await clickDownload();
    await rowOf('1 new release').getByText('Done').waitFor();
    assert.deepEqual(await findViolations(page, 'downloads'), []);
  });

  step('a component shows how devices are with it', async () => {
    for (const product of [...pilot.products, ...rest.products]) await report(product, 1);
    await openPage(page, 'Components');
    await rowOf('7 up to date').waitFor();
    assert.deepEqual(await findViolations(page, 'components'), []);
  });

  step('“Update now” for a group goes to its devices and to no other', async () => {
    await page.getByRole('button', { name: 'Update now…' }).click();
    await dialog()
      .getByRole('button', { name: /^Update now on 7 devices/u })
      .waitFor();
    await chooseOption(page, 'Group, with its subgroups', 'Pilot');
    await dialog()
      .getByRole('button', { name: /^Update now on 4 devices/u })
      .click();
    await page.waitForURL('**/commands/*');
    const [command] = (await callApi(server, listCommands)).commands;
    const { targets } = await callApi(server, listCommandTargets, {
      params: { commandId: command?.id ?? '' },
    });
    assert.equal(command?.type, 'update-now');
    assert.deepEqual(new Set(targets.map(({ deviceId }) => deviceId)), new Set(await idsOf(pilot)));
  });

  step('a plan is written, and new releases go by it', async () => {
    await openPage(page, 'Components');
    await page.getByRole('link', { name: 'Deployment plans' }).click();
    await page.getByRole('button', { name: 'Create plan' }).click();
    await dialog().getByLabel('Name').fill('Pilot first');
    await chooseOption(page, 'Group', 'Pilot');
    await dialog().getByRole('button', { name: 'Create plan' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Change how .* goes out$/u }).click();
    await dialog().getByRole('radio', { name: 'By a plan' }).check();
    await chooseOption(page, 'Plan', 'Pilot first');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await rowOf('By the plan “Pilot first”').waitFor();
  });

  step('a release that fails on too many of its stage stops by itself, and says where', async () => {
    await publisher.publish(ID, 2, 'one\ntwo\n');
    await page.getByRole('link', { name: 'Downloads' }).click();
    await clickDownload();
    assert.equal(await report(rest.products[0], 1), 1, 'nobody outside of the stage may have it');
    assert.equal(await report(pilot.products[0], 2), 2);
    await report(pilot.products[1], 1, 2);
    await work();
    await page.getByRole('link', { name: 'Deployment plans' }).click();
    await page.getByText('in Pilot it failed on 1 of 4 devices, and the plan bears 5 %').waitFor();
    assert.deepEqual(await findViolations(page, 'plans'), []);
    assert.equal(await report(rest.products[1], 1), 1);
  });

  step('the device says why it failed', async () => {
    const [device] = (await callApi(server, listDevices, { query: { search: 'Pilot-2' } })).devices;
    await page.goto(`${server.address}/devices/${device?.id}/components`);
    await page.getByText('The scanner does not load it.').waitFor();
    await page.getByText('behind by 1 release').waitFor();
    assert.deepEqual(await findViolations(page, 'components of a device'), []);
  });

  step(
    'whoever lets it go on lets nobody else have it, and giving it to everybody has to be meant',
    async () => {
      await page.goto(`${server.address}/components/plans`);
      await page.getByRole('button', { name: 'Go on', exact: true }).click();
      await dialog().getByRole('button', { name: 'Go on', exact: true }).click();
      await dialog().waitFor({ state: 'detached' });
      await work();
      assert.equal(await report(rest.products[0], 1), 1);
      await page.getByRole('button', { name: 'Give it to every device' }).click();
      const give = dialog().getByRole('button', { name: 'Give it to every device' });
      assert.ok(await give.isDisabled());
      await dialog().getByRole('textbox').fill('everybody');
      await give.click();
      await rowOf('release 2').getByText('Done').waitFor();
      assert.equal(await report(rest.products[0], 1), 2);
      const [rollout] = (await callApi(server, listComponentRollouts)).rollouts;
      assert.equal(rollout?.state, 'done');
      assert.deepEqual(window.faults, []);
    },
  );
});
