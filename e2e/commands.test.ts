import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { createEnrolmentToken, createGroup, listGroups } from '@holdfast/api';
import type { Browser, Locator, Page } from 'playwright-core';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { hasBrowser, launchBrowser, openWindow, type Window } from './support/browser.ts';
import { chooseOption, findViolations, openDevice, openPage, signIn } from './support/console-pages.ts';
import { createSteps } from './support/console-steps.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { type PlayedProduct, playProduct } from './support/played-product.ts';
import { stopAllProcesses } from './support/running-process.ts';

// A command from the question before it goes out to its end, as an administrator sees it: real server, real browser. The products
// do what the test says, so that they run as long as it takes. Nothing here reloads a page.

const skip = hasBrowser ? false : 'there is no Chromium on this computer';

describe('a command in the console', { concurrency: false, skip }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let desk: PlayedProduct;
  let lab: PlayedProduct;
  let old: PlayedProduct;
  let commandId: string;

  before(async () => {
    home = await createHome();
    [holdfast, browser] = await Promise.all([
      startHoldfast({ home: home.path, withAgent: false }),
      launchBrowser(),
    ]);
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
    const { client } = administrator;
    const { groups } = await client.call(listGroups, {});
    const parentId = groups.find((group) => group.parentId === null)?.id ?? assert.fail('no top group');
    const makeToken = async (name: string): Promise<string> => {
      const { id: groupId } = await client.call(createGroup, { body: { parentId, name } });
      const body = { name, groupId, maxUses: 2, expiresInMs: 600_000, isApprovalNeeded: false };
      return (await client.call(createEnrolmentToken, { body })).tokenString;
    };
    const [office, attic] = [await makeToken('Office'), await makeToken('Attic')];
    desk = await playProduct(office, 'desk-01');
    lab = await playProduct(office, 'lab-01');
    old = await playProduct(attic, 'old-01', { version: 1 });
    window = await openWindow(browser);
    page = window.page;
    page.setDefaultTimeout(60_000);
    await page.goto(`${holdfast.origin}/commands`);
    await signIn(page);
    await page.getByRole('heading', { level: 1, name: 'Commands' }).waitFor();
  });

  after(async () => {
    for (const product of [desk, lab, old]) product?.close();
    administrator?.close();
    await browser?.close();
    await stopAllProcesses();
    await home?.remove();
  });

  const step = createSteps(
    () => window,
    () => holdfast.output(),
  );

  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name });
  const dialog = (): Locator => page.getByRole('dialog');

  async function choose(type: RegExp, group: RegExp): Promise<void> {
    await openPage(page, 'Commands');
    await page.getByRole('button', { name: 'Issue command' }).click();
    await chooseOption(page, 'What', type);
    await chooseOption(page, 'Group, with its subgroups', group);
  }

  step('the form speaks the words of the command, and asks before anything goes out', async () => {
    await choose(/^Shut down computer/u, /Office$/u);
    const delay = page.getByRole('textbox', { name: 'Delay: amount' });
    await chooseOption(page, 'Delay: unit', /^hours$/u);
    await delay.fill('25');
    await page.getByText('From 0 s to 1 day.').waitFor();
    await delay.fill('1');
    await page.getByRole('button', { name: 'Shut down computer on 2 devices in Office…' }).click();
    await page.getByRole('heading', { name: 'Shut down computer on 2 devices in Office?' }).waitFor();
    await page.getByText('Delay: 1 h').waitFor();
    await page.getByText('Until the delay is over, “Cancel command” calls it off.').waitFor();
    const goOut = page.getByRole('button', {
      name: 'Shut down computer on 2 devices in Office',
      exact: true,
    });
    await page.getByLabel('Type 2 to confirm').fill('3');
    await page.getByText('This is not “2”.').waitFor();
    assert.equal(await goOut.isDisabled(), true);
    assert.deepEqual(await findViolations(page, 'the question'), []);
    await page.getByLabel('Type 2 to confirm').fill('2');
    await goOut.click();
    await page.getByRole('heading', { level: 1, name: 'Shut down computer' }).waitFor();
  });

  step(
    'how far each device is shows by itself, in Command Tracking and on the page of the device',
    async () => {
      const [ordered] = await Promise.all([desk.takeCommand(), lab.takeCommand()]);
      commandId = ordered.id;
      assert.deepEqual(ordered.parameters, { delaySeconds: 3_600 });
      await desk.tell(commandId, { percent: 20, text: 'Waiting for people to save' });
      await lab.tell(commandId, { text: 'Waiting for the backup' });
      const bar = page.getByRole('progressbar', { name: 'Progress on desk-01' });
      await bar.waitFor();
      assert.equal(await bar.getAttribute('aria-valuenow'), '20');
      await desk.tell(commandId, { percent: 60, text: 'Half an hour left' });
      await row('desk-01').getByText('60 %').waitFor();
      await row('desk-01').getByText('Half an hour left').waitFor();
      await row('lab-01').getByText('Waiting for the backup').waitFor();
      assert.deepEqual(await findViolations(page, 'a running command'), []);
      await openDevice(page, 'desk-01');
      await page.getByRole('main').getByRole('link', { name: 'Commands' }).click();
      const own = page.getByRole('progressbar', { name: 'Progress on desk-01' });
      await own.waitFor();
      await desk.tell(commandId, { percent: 70, text: 'Twenty minutes left' });
      await page.getByText('Twenty minutes left').waitFor();
      await page.getByRole('link', { name: 'Shut down computer' }).click();
    },
  );

  step('what runs is asked to end, and the end is what really happened', async () => {
    await page.getByRole('button', { name: 'Cancel command' }).click();
    await dialog().getByText('2 devices are at it: they are asked to end').waitFor();
    await dialog().getByRole('button', { name: 'Cancel command' }).click();
    await page.getByText('2 devices are asked to end it.').first().waitFor();
    await row('desk-01').getByText('Cancelling').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Cancel command' }).isVisible(), false);
    await row('lab-01').click();
    await dialog().getByText('ada asked the product to end it.').waitFor();
    await dialog().getByText('The device is asked to end this').waitFor();
    assert.deepEqual(await findViolations(page, 'a device that is cancelling'), []);
    await page.keyboard.press('Escape');
    await Promise.all([desk.untilAskedToEnd(commandId), lab.untilAskedToEnd(commandId)]);
    await desk.end(commandId, 'cancelled', 'Nobody goes down.');
    await lab.end(commandId, 'succeeded', 'It had gone down already.');
    await row('desk-01').getByText('Cancelled').waitFor();
    await row('desk-01').getByText('Nobody goes down.').waitFor();
    await row('lab-01').getByText('Succeeded').waitFor();
    await page.getByText('1 of 2 succeeded, 1 cancelled').waitFor();
  });

  step('where the agent is too old to be asked, the page says that it goes on', async () => {
    await choose(/^Restart agent/u, /Attic$/u);
    await page.getByRole('button', { name: 'Restart agent on 1 device in Attic…' }).click();
    await page.getByRole('button', { name: 'Restart agent on 1 device in Attic', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Restart agent' }).waitFor();
    const { id } = await old.takeCommand();
    await page.getByText('The agent of this device is too old to be asked').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Cancel command' }).isVisible(), false);
    await old.end(id, 'succeeded');
    await page.getByText('Succeeded').first().waitFor();
  });
});
