import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import {
  createEnrolmentToken,
  createGroup,
  getSettings,
  listDevices,
  listGroups,
  updateCommunicationSettings,
} from '@holdfast/api';
import type { Browser, Locator, Page } from 'playwright-core';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { type Computer, createComputer } from './support/agent-process.ts';
import { hasBrowser, launchBrowser, openWindow, type Window } from './support/browser.ts';
import {
  chooseFilter,
  chooseOption,
  findViolations,
  openDevice,
  openPage,
  setDuration,
  signIn,
} from './support/console-pages.ts';
import { createSteps } from './support/console-steps.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { type RunningProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// How devices and the server speak with each other, as the console shows and sets it: real server, real agents, a real
// browser. Nothing here reloads a page: what changes on the server has to show by itself.

const skip = hasBrowser ? false : 'there is no Chromium on this computer';

describe('the whole of communication in the console', { concurrency: false, skip }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let van: Computer;
  let topName: string;
  const agents = new Map<string, RunningProcess>();

  before(async () => {
    home = await createHome();
    [holdfast, browser] = await Promise.all([
      startHoldfast({ home: home.path, withAgent: false }),
      launchBrowser(),
    ]);
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
    const { client } = administrator;
    const { revision, communication } = await client.call(getSettings, {});
    await client.call(updateCommunicationSettings, {
      body: {
        revision,
        communication: { ...communication, heartbeatIntervalMs: 1_000, offlineTimeoutMs: 4_000 },
      },
    });
    const { groups } = await client.call(listGroups, {});
    const top = groups.find((group) => group.parentId === null);
    assert.ok(top);
    topName = top.name;
    const join = async (groupName: string, name: string): Promise<Computer> => {
      const group = await client.call(createGroup, { body: { parentId: top.id, name: groupName } });
      const { tokenString } = await client.call(createEnrolmentToken, {
        body: {
          name: groupName,
          groupId: group.id,
          maxUses: 1,
          expiresInMs: 600_000,
          isApprovalNeeded: false,
        },
      });
      const computer = await createComputer({ home: home.path, name });
      const joined = await computer.enrol(tokenString);
      assert.equal(joined.code, 0, joined.stderr);
      agents.set(name, computer.run());
      return computer;
    };
    [van] = await Promise.all([join('Field', 'van-01'), join('Office', 'desk-01')]);
    await until('both are online', async () => {
      const { devices } = await client.call(listDevices, {});
      return devices.filter(({ presence }) => presence.status === 'online').length === 2 || undefined;
    });
    window = await openWindow(browser);
    page = window.page;
    page.setDefaultTimeout(60_000);
    await page.goto(`${holdfast.origin}/directory`);
    await signIn(page);
    await page.getByRole('row').filter({ hasText: 'van-01' }).waitFor();
  });

  after(async () => {
    administrator?.close();
    await browser?.close();
    await stopAllProcesses();
    await home?.remove();
  });

  const step = createSteps(
    () => window,
    () => [holdfast, ...agents.values()].map((one) => one.output()).join('\n---\n'),
  );

  async function openCommunication(groupName: string): Promise<void> {
    await openPage(page, 'Directory');
    await page.getByRole('treeitem', { name: groupName }).click();
    await page.getByRole('heading', { level: 1, name: groupName }).waitFor();
    await page.getByRole('button', { name: `Actions for the group ${groupName}` }).click();
    await page.getByRole('menuitem', { name: 'Communication…' }).click();
    await page.getByRole('heading', { level: 1, name: `Communication of ${groupName}` }).waitFor();
  }
  const setting = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const own = (name: string): Promise<void> => setting(name).getByText('Own', { exact: true }).click();
  async function save(groupName: string): Promise<void> {
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText(`Communication of ${groupName} saved.`).first().waitFor();
    // What is read above may still be the word about an earlier change.
    await page.getByRole('button', { name: 'Discard', disabled: true }).waitFor();
  }
  async function openConnection(device: string): Promise<Locator> {
    await openDevice(page, device);
    await page
      .getByRole('navigation', { name: 'About this device' })
      .getByRole('link', { name: 'Connection' })
      .click();
    const card = page.getByRole('region', { name: 'How they reach each other' });
    await card.waitFor();
    return card;
  }
  /** What stands beside a name in a list of facts. */
  const fact = (within: Locator, name: string, value: RegExp): Promise<void> =>
    within
      .locator('dt', { hasText: new RegExp(`^${name}$`, 'u') })
      .locator('xpath=following-sibling::dd[1]')
      .filter({ hasText: value })
      .waitFor();

  step('a device says in which mode it is, by which way it reports, and why', async () => {
    const card = await openConnection('van-01');
    await fact(card, 'Heartbeats', /^UDP, acknowledged.*Probes passed in both directions/u);
    await fact(card, 'Calls of the server', /^Two-way by UDP.*Answers by UDP reach it/u);
    await fact(card, 'Interval told', /^1 s$/u);
    assert.deepEqual(await findViolations(page, 'the connection of a device'), []);
  });

  step('a mode that is pinned for a group holds for its devices, and for no others', async () => {
    await openCommunication('Field');
    await own('Calls from the server');
    await chooseOption(page, 'Calls from the server', /^One-way/u);
    await save('Field');
    const pinned = await openConnection('van-01');
    await fact(pinned, 'Calls of the server', /^One-way.*Its group is set to one-way/u);
    await fact(await openConnection('desk-01'), 'Calls of the server', /^Two-way by UDP/u);
  });

  step(
    'a group has its own interval and timeout, and a timeout that is too short is refused in the form',
    async () => {
      await openCommunication('Field');
      await own('Heartbeat interval');
      await setDuration(page, 'Heartbeat interval', 2);
      await own('Offline timeout');
      await setDuration(page, 'Offline timeout', 5);
      await page
        .getByRole('alert')
        .filter({ hasText: 'Offline timeout: At least 6 s: three heartbeat intervals.' })
        .waitFor();
      assert.ok(await page.getByRole('button', { name: 'Save changes' }).isDisabled());
      await setDuration(page, 'Offline timeout', 6);
      await save('Field');
      await fact(await openConnection('desk-01'), 'Interval told', /^1 s$/u);
    },
  );

  step('a value that is locked above holds below, is shown so, and lets go again', async () => {
    const mode = setting('Calls from the server');
    await openCommunication(topName);
    await own('Calls from the server');
    await mode.getByRole('checkbox', { name: 'Groups below cannot change it' }).check();
    await save(topName);
    await fact(await openConnection('van-01'), 'Calls of the server', /^Two-way by UDP/u);
    await openCommunication('Field');
    await mode.getByText(`Locked by ${topName}`).waitFor();
    await mode.getByText(/^What this group says itself has no effect .*One-way/u).waitFor();
    assert.deepEqual(await findViolations(page, 'a locked value of a group'), []);
    await openCommunication(topName);
    await mode.getByText('Inherited', { exact: true }).click();
    await save(topName);
    await fact(
      await openConnection('van-01'),
      'Calls of the server',
      /^One-way.*Its group is set to one-way/u,
    );
  });

  step(
    'the schedule bar is dragged with the mouse and moved with the keyboard, and strokes are taken back',
    async () => {
      await openCommunication('Office');
      await own('Working and idle hours');
      const hours = setting('Working and idle hours');
      // By its name as an attribute: to work out the names of 672 cells again and again takes the browser seconds.
      const cell = (name: string): Locator => hours.locator(`[role="gridcell"][aria-label="${name}"]`);
      await drag(cell('Tuesday 12:00–12:15, working'), cell('Wednesday 12:45–13:00, working'));
      await cell('Wednesday 12:30–12:45, idle').waitFor();
      await page.keyboard.press('Control+z');
      await cell('Wednesday 12:30–12:45, working').waitFor();

      await cell('Monday 07:00–07:15, working').focus();
      for (const key of ['Shift+Control+ArrowRight', 'Shift+ArrowDown', 'Space'])
        await page.keyboard.press(key);
      await cell('Tuesday 08:00–08:15, idle').waitFor();
      await page.keyboard.press('Control+z');
      await cell('Tuesday 08:00–08:15, working').waitFor();
      assert.deepEqual(await findViolations(page, 'the communication of a group', scheduleRows), []);

      // The whole week but one hour, days from now by any clock: idle whenever this runs.
      await drag(cell('Monday 00:00–00:15, working'), cell('Sunday 23:45–24:00, working'));
      const later = dayNames[(new Date(performance.timeOrigin).getUTCDay() + 3) % 7] ?? '';
      await cell(`${later} 12:00–12:15, idle`).focus();
      for (const key of ['Shift+Control+ArrowRight', 'Shift+ArrowLeft', 'Space'])
        await page.keyboard.press(key);
      await cell(`${later} 12:45–13:00, working`).waitFor();
      await save('Office');
      await page.getByText(/^Idle hours until /u).waitFor();
    },
  );

  step('a device is idle in the idle hours of its group', async () => {
    await openPage(page, 'Directory');
    await page.getByRole('treeitem', { name: topName }).click();
    await page.getByRole('row').filter({ hasText: 'desk-01' }).filter({ hasText: 'Idle' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'van-01' }).filter({ hasText: 'Online' }).waitFor();
    await openDevice(page, 'desk-01');
    await page.getByText(/^Working hours begin/u).waitFor();
    await fact(await openConnection('van-01'), 'Interval told', /^2 s$/u);
  });

  const status = (name: string, text: string | RegExp): Promise<void> =>
    page.getByRole('row').filter({ hasText: name }).filter({ hasText: text }).waitFor();
  const dialog = (): Locator => page.getByRole('dialog');

  step(
    'an order that would expire before working hours begin is warned of, waits, and is called back',
    async () => {
      await openPage(page, 'Commands');
      await page.getByRole('button', { name: 'Issue command' }).click();
      await chooseOption(page, 'What', /^Collect inventory/u);
      await chooseOption(page, 'Group, with its subgroups', 'Office');
      // It waits for a day unless told otherwise, and the hours begin later than that.
      await dialog()
        .getByText(/^One device is in idle hours until .*: the command expires before that/u)
        .waitFor();
      await dialog().getByRole('button', { name: 'Make it urgent' }).waitFor();
      assert.deepEqual(await findViolations(page, 'the dialog of a command'), []);
      await dialog()
        .getByRole('button', { name: /^Collect inventory on /u })
        .click();
      await page.waitForURL('**/commands/*');
      await page.getByText('waits for working hours').waitFor();
      await page.getByRole('button', { name: 'Cancel command' }).click();
      await dialog().getByRole('button', { name: 'Cancel command' }).click();
      await page.getByRole('main').getByText('Cancelled', { exact: true }).first().waitFor();
    },
  );

  step('an urgent order passes in idle hours', async () => {
    await page.getByRole('button', { name: 'Try again for 1 device' }).click();
    await dialog().getByRole('switch', { name: 'Urgent: also in idle hours' }).check();
    await dialog().getByRole('button', { name: 'Try again for 1 device' }).click();
    await page.getByText('Tries an earlier command again').waitFor();
    await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor();
    // Between heartbeats that are a quarter of an hour apart, the server called it.
    await fact(await openConnection('desk-01'), 'Last call', /by UDP, acknowledged$/u);
  });

  step('idle hours are taken back, and the device is online', async () => {
    await openCommunication('Office');
    await setting('Working and idle hours').getByText('Inherited', { exact: true }).click();
    await save('Office');
    await openPage(page, 'Directory');
    await page.getByRole('treeitem', { name: topName }).click();
    await status('desk-01', 'Online');
  });

  step('a health check of a selection shows what was found', async () => {
    await page.getByRole('row').filter({ hasText: 'van-01' }).getByRole('checkbox').check();
    await page.getByRole('row').filter({ hasText: 'desk-01' }).getByRole('checkbox').check();
    await page.getByRole('button', { name: /on 2 devices$/u }).click();
    await chooseOption(page, 'What', /^Run a health check/u);
    await dialog().getByRole('button', { name: 'Run a health check on 2 devices' }).click();
    await page.waitForURL('**/commands/*');
    await page.getByText('All 2 succeeded').waitFor();
    await page.getByRole('row').filter({ hasText: 'desk-01' }).click();
    await dialog().getByRole('list', { name: 'Checks' }).getByText('Well').first().waitFor();
    assert.deepEqual(await findViolations(page, 'the result of a health check'), []);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
  });

  step('a log level goes to what a search finds', async () => {
    await openPage(page, 'Commands');
    await page.getByRole('button', { name: 'Issue command' }).click();
    await chooseOption(page, 'What', /^Set log level/u);
    await chooseOption(page, 'Level', /^Everything/u);
    await chooseOption(page, 'Group, with its subgroups', topName);
    await dialog().getByLabel('Only devices that match').fill('desk');
    await dialog()
      .getByRole('button', { name: /^Set log level on /u })
      .click();
    await page.waitForURL('**/commands/*');
    await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor();
    await fact(page.getByRole('main'), 'Now', /^Everything, for finding faults/u);
  });

  step('Command Tracking counts, and is narrowed by command, administrator, state and time', async () => {
    await openPage(page, 'Commands');
    const rows = page
      .getByRole('main')
      .getByRole('row')
      .filter({ has: page.getByRole('link') });
    const count = (wanted: number): Promise<true> =>
      until(`${wanted} commands`, async () => (await rows.count()) === wanted || undefined);
    await count(4);
    await chooseFilter(page, 'Command', 'Collect inventory');
    await count(2);
    await chooseFilter(page, 'State', 'Some cancelled');
    await count(1);
    await chooseFilter(page, 'Issued by', 'ada');
    await chooseFilter(page, 'Time', 'Last hour');
    await count(1);
    assert.deepEqual(await findViolations(page, 'Command Tracking'), []);
  });

  step('log entries come by themselves when they are asked for, and are narrowed', async () => {
    await openPage(page, 'Logs');
    await page.getByRole('switch', { name: 'Follow' }).check();
    await chooseFilter(page, 'Type', 'Log level changed');
    await page.getByText('No entry matches').waitFor();
    const other = await window.context.newPage();
    await other.goto(`${holdfast.origin}/commands`);
    await other.getByRole('button', { name: 'Issue command' }).click();
    await chooseOption(other, 'What', /^Upload logs now/u);
    await chooseOption(other, 'Group, with its subgroups', topName);
    await other.getByRole('button', { name: 'Upload logs now on 2 devices' }).click();
    await other.getByText('All 2 succeeded').waitFor();
    await other.close();
    await status('desk-01', 'Log level changed');

    await chooseFilter(page, 'Severity', 'Notice and above');
    await chooseFilter(page, 'Time', 'Last hour');
    await chooseOption(page, 'Device', 'desk-01');
    await status('desk-01', 'Log level changed');
    await page.getByRole('row').filter({ hasText: 'desk-01' }).click();
    await fact(dialog(), 'Severity', /^Notice$/u);
    assert.deepEqual(await findViolations(page, 'an entry of the log'), []);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Clear the filter Severity' }).click();
    await chooseFilter(page, 'Severity', 'Error and above');
    await page.getByText('No entry matches').waitFor();
  });

  step('a computer with the copied key of another is named', async () => {
    await openDevice(page, 'van-01');
    await agents.get('van-01')?.stop();
    const copy = await createComputer({ home: home.path, name: 'copy-01' });
    cpSync(van.agentHome, copy.agentHome, { recursive: true });
    // The goodbye is a sign of life as well: only the state tells which agent the page speaks of.
    const state = (name: RegExp): Promise<void> => page.getByRole('main').getByText(name).first().waitFor();
    await state(/^(Service stopped|Offline)$/u);
    agents.set('van-01', van.run());
    await state(/^Online$/u);
    agents.set('copy-01', copy.run());
    const notice = page
      .getByRole('note')
      .filter({ hasText: 'Two computers use the key of this device: copy-01' });
    await notice.filter({ hasText: 'waits to be admitted' }).waitFor({ timeout: 60_000 });
    assert.deepEqual(await findViolations(page, 'a device whose key was copied'), []);
    await notice.getByRole('link', { name: 'Waiting devices' }).click();
    await page.getByRole('heading', { name: 'copy-01' }).waitFor();
  });
});

/** The days of the bar are alike: one of them stands for all. */
const scheduleRows = '[role="grid"] [role="row"]:nth-child(n + 2)';

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

async function drag(from: Locator, to: Locator): Promise<void> {
  const page = from.page();
  await from.hover();
  await page.mouse.down();
  await to.hover({ force: true });
  await page.mouse.up();
}
