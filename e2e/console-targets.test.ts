import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  cancelCommand,
  createGroup,
  getCommand,
  getDevice,
  type Group,
  issueCommand,
  listAdministrators,
  listCommandTargets,
  listDevices,
  listRecycleBin,
  listSavedViews,
  listTags,
  listWaitingRegistrations,
  planDeviceMove,
  moveDevices,
  planGroupRemoval,
  removeDevice,
  removeGroup,
  renameDevice,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { systemClock } from '@holdfast/kernel';
import type { Browser, Locator, Page } from 'playwright-core';
import { TOP_GROUP_ID } from '../apps/server/src/modules/directory/index.ts';
import {
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../apps/server/src/testing/test-administrators.ts';
import { callApi } from '../apps/server/src/testing/test-api.ts';
import { createTestClock } from '../apps/server/src/platform/clock/test-clock.ts';
import { type FleetDevice, insertFleet } from '../apps/server/src/testing/test-fleet.ts';
import { createEntries, createJournal, uploadLogs } from '../apps/server/src/testing/test-logs.ts';
import { createTestToken, TestProduct } from '../apps/server/src/testing/test-product.ts';
import { startTestServer, type TestServer } from '../apps/server/src/testing/test-server.ts';
import { hasBrowser, launchBrowser, openWindow, type Window } from './support/browser.ts';
import { chooseOption, openPage } from './support/console-pages.ts';
import { createSteps } from './support/console-steps.ts';
import { until } from './support/until.ts';

// What a person chooses in the console is what happens, and to nothing else; what others do meanwhile shows by itself. There is
// always more in sight than is chosen, and something that a filter or a group leaves out.

const skip = hasBrowser ? false : 'there is no Chromium on this computer';
const CONSOLE = fileURLToPath(new URL('../apps/console/dist/', import.meta.url));
/** More than one page of the list. */
const SHELF = 120;

describe('targets in the console', { concurrency: false, skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let office: Group;
  let attic: Group;
  let shelf: Group;
  const devices = new Map<string, FleetDevice>();

  before(async () => {
    [server, browser] = await Promise.all([
      startTestServer({
        isListening: true,
        consoleFolder: CONSOLE,
        clock: createTestClock(systemClock.now()),
      }),
      launchBrowser(),
    ]);
    const first = await signInFirstAdministrator(server, 'ada');
    await signInInvited(server, first, 'bert', 'auditor');
    office = await makeGroup('Office', TOP_GROUP_ID);
    attic = await makeGroup('Attic', TOP_GROUP_ID);
    shelf = await makeGroup('Shelf', TOP_GROUP_ID);
    await addDevices(office, 'desk-1', 'desk-2', 'desk-3', 'desk-4');
    await addDevices(attic, 'attic-1', 'attic-2');
    await insertFleet(server, { count: SHELF, groupId: shelf.id });
    window = await openWindow(browser);
    page = window.page;
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.address}/directory`);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill(GOOD_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'All devices' }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const step = createSteps(
    () => window,
    () => '',
  );
  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name });
  const dialog = (): Locator => page.getByRole('dialog');

  async function makeGroup(name: string, parentId: string): Promise<Group> {
    return await callApi(server, createGroup, { body: { parentId, name } });
  }

  async function addDevices({ id: groupId }: Group, ...names: readonly string[]): Promise<void> {
    const fleet = await insertFleet(server, { count: names.length, groupId });
    for (const [index, name] of names.entries()) {
      const device = fleet[index] ?? assert.fail('no such device');
      devices.set(name, device);
      await callApi(server, renameDevice, { params: { deviceId: device.id }, body: { name } });
    }
  }

  function find(name: string): FleetDevice {
    return devices.get(name) ?? assert.fail(name);
  }

  async function findDetails(name: string) {
    return await callApi(server, getDevice, { params: { deviceId: find(name).id } });
  }

  /** Opens the list with something in its address, without loading the console anew. */
  async function openList(search: string, ...shown: readonly string[]): Promise<void> {
    await page.goto(`${server.address}/directory${search}`);
    for (const name of shown) await row(name).waitFor();
  }

  async function choose(...names: readonly string[]): Promise<void> {
    for (const name of names) await row(name).getByRole('checkbox').check();
    await page.getByRole('region', { name: `${names.length} selected` }).waitFor();
  }

  async function change(count: number, item: string): Promise<void> {
    await page.getByRole('button', { name: `Change ${count} device${count === 1 ? '' : 's'}` }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  async function namesOfTargets(commandId: string): Promise<string[]> {
    const { targets } = await callApi(server, listCommandTargets, {
      params: { commandId },
      query: { limit: 500 },
    });
    return targets.map((target) => target.deviceName).toSorted();
  }

  /** The command whose page is shown. */
  async function shownCommandId(): Promise<string> {
    await page.waitForURL('**/commands/*');
    return new URL(page.url()).pathname.split('/').at(-1) ?? '';
  }

  step('an order for chosen devices goes to them, and to no other that is loaded', async () => {
    await openList('?search=desk', 'desk-1', 'desk-4');
    await choose('desk-1', 'desk-3');
    await page.getByRole('button', { name: 'Collect inventory on 2 devices' }).click();
    await dialog().getByRole('button', { name: 'Collect inventory on 2 devices' }).click();
    assert.deepEqual(await namesOfTargets(await shownCommandId()), ['desk-1', 'desk-3']);
  });

  step(
    'an order for all that match goes to all of them, also those that are not loaded, and to no other',
    async () => {
      await openList(`?group=${shelf.id}`);
      await page.getByRole('row').nth(2).waitFor();
      await page.getByRole('row').first().getByRole('checkbox').check();
      await page.getByRole('button', { name: `Select all ${SHELF} that match` }).click();
      await page.getByRole('button', { name: `Collect inventory on ${SHELF} devices` }).click();
      await dialog().getByText(`All ${SHELF} devices that match the filter`).waitFor();
      await dialog()
        .getByRole('button', { name: new RegExp(`^Collect inventory on ${SHELF} devices`, 'u') })
        .click();
      const { counts } = await callApi(server, getCommand, { params: { commandId: await shownCommandId() } });
      assert.equal(counts.total, SHELF);
    },
  );

  step('a tag is put on the chosen devices only', async () => {
    await openList('?search=desk', 'desk-1', 'desk-4');
    await choose('desk-2');
    await change(1, 'Tags of 1 device…');
    await dialog().getByRole('textbox', { name: 'Find or create a tag' }).fill('kiosk');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Change 1 device' }).click();
    await dialog().waitFor({ state: 'hidden' });
    const { tags } = await callApi(server, listTags);
    assert.deepEqual(
      tags.map(({ name, deviceCount }) => [name, deviceCount]),
      [['kiosk', 1]],
    );
    assert.deepEqual((await findDetails('desk-2')).device.tags, ['kiosk']);
  });

  async function statesOf(...names: readonly string[]): Promise<(string | undefined)[]> {
    const details = await Promise.all(names.map(findDetails));
    return details.map(({ products }) => products[0]?.state);
  }

  step('the chosen devices are disabled, and undo enables them again', async () => {
    await openList('?search=desk', 'desk-1', 'desk-4');
    await choose('desk-1', 'desk-2');
    await change(2, 'Disable agent on 2 devices');
    await dialog().getByRole('button', { name: 'Disable agent on 2 devices' }).click();
    await page.getByText('The agent on 2 devices is disabled.').waitFor();
    const all = ['desk-1', 'desk-2', 'desk-3', 'desk-4', 'attic-1'];
    assert.deepEqual(await statesOf(...all), ['disabled', 'disabled', 'active', 'active', 'active']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.deepEqual(await statesOf(...all), Array(5).fill('active'));
  });

  async function groupsOf(...names: readonly string[]): Promise<string[]> {
    const details = await Promise.all(names.map(findDetails));
    return details.map(({ device }) => device.groupPath.join('/'));
  }

  step('the chosen devices are moved, and undo puts each back where it was', async () => {
    await openList('?search=-1', 'desk-1', 'attic-1');
    await choose('desk-1', 'attic-1');
    await change(2, 'Move 2 devices');
    await chooseOption(page, 'To which group', 'Shelf');
    await dialog().getByRole('button', { name: 'Move 2 devices', exact: true }).click();
    await page.getByText('2 devices are moved to Shelf.').waitFor();
    const all = ['desk-1', 'attic-1', 'desk-2', 'attic-2'];
    assert.deepEqual(await groupsOf(...all), ['Shelf', 'Shelf', 'Office', 'Attic']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Moved back.').waitFor();
    assert.deepEqual(await groupsOf(...all), ['Office', 'Attic', 'Office', 'Attic']);
  });

  step('the chosen devices are removed, and the others stay', async () => {
    await openList('?search=desk', 'desk-1', 'desk-4');
    await choose('desk-3', 'desk-4');
    await change(2, 'Remove 2 devices');
    await dialog().getByRole('button', { name: 'Remove 2 devices' }).click();
    await page.getByText('2 devices are in the recycle bin.').waitFor();
    const { items } = await callApi(server, listRecycleBin);
    assert.deepEqual(items.map(({ name }) => name).toSorted(), ['desk-3', 'desk-4']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    assert.deepEqual((await callApi(server, listRecycleBin)).items, []);
  });

  step('a view is saved, opened from its page, shared and removed, and each can be taken back', async () => {
    await page.goto(`${server.address}/directory?search=desk&sort=system&order=descending`);
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Save this view…' }).click();
    await dialog().getByLabel('Name').fill('Desks');
    await dialog().getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('button', { name: 'View: Desks' }).click();
    await page.getByRole('menuitem', { name: 'All views…' }).click();
    await page.getByRole('heading', { level: 1, name: 'Saved views' }).waitFor();
    const act = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: 'Actions for Desks' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await act('Share with everybody');
    await row('Desks').getByText('Shared').waitFor();
    await act('Remove');
    await page.getByText('No saved views yet').waitFor();
    await page
      .getByRole('alert')
      .filter({ hasText: 'is removed' })
      .getByRole('button', { name: 'Undo' })
      .click();
    await row('Desks').getByText('Shared').waitFor();
    const [view, ...others] = (await callApi(server, listSavedViews)).savedViews;
    assert.deepEqual([view?.name, view?.isShared, others], ['Desks', true, []]);
    assert.deepEqual(view?.content.filter, { search: 'desk' });
    await row('Desks').getByRole('link', { name: 'Desks' }).click();
    await page.getByRole('button', { name: 'View: Desks' }).waitFor();
    await row('desk-1').waitFor();
    assert.equal(await row('attic-1').count(), 0);
    await page.goto(`${server.address}/directory`);
    await row('attic-1').waitFor();
  });

  step('a list follows what others do: names, moves, removals and new devices', async () => {
    await openList(`?group=${office.id}`, 'desk-1', 'desk-2', 'desk-3', 'desk-4');
    await callApi(server, renameDevice, {
      params: { deviceId: find('desk-1').id },
      body: { name: 'window-seat' },
    });
    await row('window-seat').waitFor();
    await row('desk-1').waitFor({ state: 'hidden' });
    const move = { deviceIds: [find('desk-2').id], groupId: attic.id };
    const { planToken } = await callApi(server, planDeviceMove, { body: move });
    await callApi(server, moveDevices, { body: { ...move, planToken } });
    await row('desk-2').waitFor({ state: 'hidden' });
    await callApi(server, removeDevice, { params: { deviceId: find('desk-3').id } });
    await row('desk-3').waitFor({ state: 'hidden' });
    assert.equal(await row('desk-4').isVisible(), true);
    const token = await createTestToken(server, { groupId: office.id });
    await new TestProduct(server, { name: 'newcomer' }).join(token);
    await page.getByRole('button', { name: 'Show 1 new device' }).click();
    await row('newcomer').waitFor();
  });

  step('an open recycle bin follows what others remove, and asks about what is to go for good', async () => {
    await page.goto(`${server.address}/directory/recycle-bin`);
    await row('desk-3').waitFor();
    await callApi(server, removeDevice, { params: { deviceId: find('desk-4').id } });
    await row('desk-4').waitFor();
    const cellar = await makeGroup('Cellar', TOP_GROUP_ID);
    await addDevices(cellar, 'cellar-1', 'cellar-2');
    const params = { groupId: cellar.id };
    const { planToken } = await callApi(server, planGroupRemoval, { params });
    await callApi(server, removeGroup, { params, body: { planToken } });
    await row('Cellar').waitFor();
    await page.getByRole('button', { name: 'Remove for good: Cellar' }).click();
    await dialog().getByText('The group with 2 devices').waitFor();
    await dialog().getByRole('textbox').fill('remove');
    await dialog().getByRole('button', { name: 'Remove for good' }).click();
    await row('Cellar').waitFor({ state: 'hidden' });
    const { items } = await callApi(server, listRecycleBin);
    assert.deepEqual(items.map(({ name }) => name).toSorted(), ['desk-3', 'desk-4']);
  });

  step(
    'a command shows by itself what becomes of it, and is tried again only after the chosen ends',
    async () => {
      const targets = { deviceIds: ['desk-1', 'desk-2', 'attic-1'].map((name) => find(name).id) };
      const { id } = await callApi(server, issueCommand, { body: { type: 'collect-inventory', targets } });
      await page.goto(`${server.address}/commands/${id}`);
      await row('attic-1').getByText('Queued', { exact: true }).waitFor();
      const failed = {
        commandId: id,
        state: 'failed',
        at: server.clock.now(),
        code: 'DISK_AWAY',
        detail: 'No disk.',
      };
      const answer = await server.call(
        { method: 'POST', url: mcpPath.commandReports, payload: { reports: [failed] } },
        server.actAsProduct(find('attic-1').productNumber),
      );
      assert.equal(answer.statusCode, 200, answer.body);
      await announce();
      await row('attic-1').getByText('Failed', { exact: true }).waitFor();
      await callApi(server, cancelCommand, { params: { commandId: id } });
      await announce();
      await row('desk-2').getByText('Cancelled', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Try again for 3 devices' }).click();
      await dialog()
        .getByRole('checkbox', { name: /^Cancelled/u })
        .uncheck();
      await dialog().getByRole('button', { name: 'Try again for 1 device' }).click();
      await page.waitForURL((url) => url.pathname.startsWith('/commands/') && !url.pathname.endsWith(id));
      assert.deepEqual(await namesOfTargets(await shownCommandId()), ['attic-1']);
    },
  );

  /** What the server tells open consoles by turns. */
  async function announce(): Promise<void> {
    await server.hearEvents();
    for (const name of ['commands.announce', 'logs.announce']) await server.ticks.run(name);
  }

  step('the log of a device tells of its own new entries, and of no other’s', async () => {
    const [own, other] = [find('attic-1'), find('attic-2')];
    await page.goto(`${server.address}/devices/${own.id}/logs`);
    await page.getByText('No log entries of this device yet').waitFor();
    await uploadLogs(server, other.productNumber, createJournal(), createEntries(1, 2));
    await announce();
    await uploadLogs(server, own.productNumber, createJournal(), createEntries(1, 1, { text: 'of its own' }));
    await announce();
    await page.getByRole('button', { name: 'Show 1 new entry' }).click();
    await page.getByText('of its own').waitFor();
  });

  step('devices that wait show by themselves; each is admitted where it was chosen, or refused', async () => {
    await page.goto(`${server.address}/enrolment/waiting`);
    await page.getByText('No device waits').waitFor();
    const token = await createTestToken(server, { groupId: office.id, isApprovalNeeded: true });
    const [welcome, stranger] = ['welcome', 'stranger'].map((name) => new TestProduct(server, { name }));
    for (const product of [welcome, stranger])
      assert.equal((await product?.register(token))?.statusCode, 202);
    await page.getByRole('button', { name: 'Refuse stranger' }).click();
    await dialog().getByRole('button', { name: 'Refuse' }).click();
    await page.getByRole('heading', { name: 'stranger', exact: true }).waitFor({ state: 'hidden' });
    assert.deepEqual(
      (await callApi(server, listWaitingRegistrations)).registrations.map(({ deviceName }) => deviceName),
      ['welcome'],
    );
    await page.getByRole('button', { name: 'Admit welcome' }).click();
    await chooseOption(page, 'Into the group', 'Attic');
    await dialog()
      .getByRole('button', { name: /^Admit/u })
      .click();
    await page.getByText('No device waits').waitFor();
    const { devices: found } = await callApi(server, listDevices, { query: { search: 'welcome' } });
    assert.deepEqual(
      found.map(({ groupPath }) => groupPath.join('/')),
      ['Attic'],
    );
  });

  step('a role is given to the administrator whose dialog it is', async () => {
    await openPage(page, 'Administrators');
    await page.getByRole('button', { name: 'Roles of bert' }).click();
    await dialog().getByRole('heading', { name: 'Roles of bert' }).waitFor();
    await chooseOption(page, 'Role', /^Group administrator/iu);
    await chooseOption(page, 'Where', 'Attic');
    await dialog().getByRole('button', { name: 'Give role' }).click();
    const rolesOf = async (wanted: string) => {
      const { administrators } = await callApi(server, listAdministrators);
      const grants = administrators.find(({ name }) => name === wanted)?.grants ?? [];
      return grants.map(({ roleName, groupPath }) => `${roleName} ${groupPath?.join('/') ?? ''}`.trim());
    };
    await until('the role is given', async () => ((await rolesOf('bert')).length === 2 ? true : undefined));
    assert.match((await rolesOf('bert')).join(), /Attic/u);
    assert.equal((await rolesOf('ada')).length, 1);
    await dialog()
      .getByRole('button', { name: /^Take away: Auditor/u })
      .click();
    await until('the role is taken', async () => ((await rolesOf('bert')).length === 1 ? true : undefined));
    assert.match((await rolesOf('bert')).join(), /Attic/u);
  });
});
