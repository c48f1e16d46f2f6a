import type { Locator, Page } from 'playwright-core';
import { commandViews } from './command-views.ts';
import { logViews } from './log-views.ts';
import { openFirstRow, type View } from './view.ts';

export type { View } from './view.ts';

/** The communication of the top group. @returns its heading */
async function openGroupCommunication(page: Page): Promise<Locator> {
  const groups = page.getByRole('button', { name: 'Groups', exact: true });
  if (await groups.isVisible()) await groups.click();
  await page
    .getByRole('button', { name: /^Actions for/u })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Communication…' }).click();
  return page.getByRole('heading', { level: 1, name: /^Communication of/u });
}

async function openAttentiveDevice(page: Page): Promise<void> {
  await page.goto(new URL('/directory?status=offline', page.url()).href);
  // Where there is no room for the column, any device that is offline has to do.
  const row = page
    .getByRole('row')
    .filter({ hasText: /Not encrypted|·/ })
    .first();
  await row.waitFor();
  await row.getByRole('link').click();
  await page.getByRole('link', { name: 'Overview' }).waitFor();
}

const directory: readonly View[] = [
  { name: 'overview', scenario: 'normal', path: '/' },
  { name: 'overview-empty', scenario: 'empty', path: '/' },
  {
    name: 'directory-bulk-remove',
    scenario: 'normal',
    path: '/directory?encryption=not-encrypted',
    prepare: async (page) => {
      await page.locator('[data-row-index="0"]').getByRole('checkbox').check();
      await page.locator('[data-row-index="1"]').getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Change 2 devices' }).click();
      await page.getByRole('menuitem', { name: 'Remove 2 devices' }).click();
      await page.getByText('What this will change').waitFor();
    },
  },
  {
    name: 'device-twin',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await page
        .getByRole('row')
        .filter({ has: page.getByRole('img', { name: /Another record/ }) })
        .first()
        .getByRole('link')
        .click();
      await page.getByText('Another record of the same computer').waitFor();
    },
  },
  { name: 'directory', scenario: 'normal', path: '/directory' },
  {
    name: 'directory-selected',
    scenario: 'normal',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    },
  },
  {
    name: 'directory-group',
    scenario: 'normal',
    path: '/directory?platform=linux',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('heading', { name: 'Berlin' }).waitFor();
    },
  },
  {
    name: 'directory-group-menu',
    scenario: 'normal',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('button', { name: /Actions for the group/ }).click();
    },
  },
  {
    name: 'directory-move',
    scenario: 'normal',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('button', { name: /Actions for the group/ }).click();
      await page.getByRole('menuitem', { name: 'Move', exact: true }).click();
      await page.getByRole('combobox', { name: 'To which group' }).click();
      await page.getByRole('option', { name: 'Hamburg', exact: true }).click();
      await page.getByText('What this will change').waitFor();
    },
  },
  {
    name: 'directory-columns',
    scenario: 'normal',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Columns' }).click();
    },
  },
  { name: 'directory-no-match', scenario: 'normal', path: '/directory?search=nothing-like-this' },
  {
    name: 'directory-groups-drawer',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      const button = page.getByRole('button', { name: 'Groups' });
      if (await button.isVisible()) await button.click();
    },
  },
  { name: 'recycle-bin-empty', scenario: 'normal', path: '/directory/recycle-bin' },
  { name: 'directory-empty', scenario: 'empty', path: '/directory' },
  { name: 'recycle-bin', scenario: 'normal', path: '/directory', prepare: removeSomething },
];

async function removeSomething(page: Page): Promise<void> {
  await page.goto(new URL('/directory?search=kiosk', page.url()).href);
  await openFirstRow(page);
  await page.getByRole('button', { name: /More actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('is in the recycle bin').waitFor();
  await page.goto(new URL('/directory/recycle-bin', page.url()).href);
  await page
    .getByRole('button', { name: /^Restore/ })
    .first()
    .waitFor();
}

const device: readonly View[] = [
  { name: 'device', scenario: 'normal', path: '/directory', prepare: openAttentiveDevice },
  {
    name: 'device-idle',
    scenario: 'normal',
    path: '/directory?status=idle',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('Working hours begin').waitFor();
    },
  },
  {
    name: 'device-connection',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('link', { name: 'Connection' }).click();
    },
  },
  {
    name: 'device-commands',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page
        .getByRole('navigation', { name: 'About this device' })
        .getByRole('link', { name: 'Commands' })
        .click();
    },
  },
  {
    name: 'device-rename',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: /More actions for/ }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
    },
  },
];

const administration: readonly View[] = [
  { name: 'enrolment', scenario: 'normal', path: '/enrolment' },
  { name: 'enrolment-empty', scenario: 'empty', path: '/enrolment' },
  {
    name: 'create-token',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'token-created',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Berlin laptops');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('Paste the token').waitFor();
    },
  },
  {
    name: 'token-loopback',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('A loopback server');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('In one line').click();
    },
  },
  { name: 'waiting', scenario: 'normal', path: '/enrolment/waiting' },
  { name: 'audit-log', scenario: 'normal', path: '/audit-log' },
  {
    name: 'audit-entry',
    scenario: 'normal',
    path: '/audit-log',
    prepare: async (page) => {
      await page.locator('[data-row-index="2"]').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'administrators', scenario: 'normal', path: '/administration/administrators' },
  {
    name: 'invite',
    scenario: 'normal',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Invite administrator' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'sessions', scenario: 'normal', path: '/administration/sessions?everyone=yes' },
  { name: 'api-keys', scenario: 'normal', path: '/administration/api-keys' },
  {
    name: 'create-api-key',
    scenario: 'normal',
    path: '/administration/api-keys',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create API key' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'group-communication',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      const heading = await openGroupCommunication(page);
      await heading.waitFor();
    },
  },
  {
    name: 'group-schedule',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      const heading = await openGroupCommunication(page);
      await heading.waitFor();
      const hours = page.getByRole('region', { name: 'Working and idle hours' });
      await hours.getByText('Own', { exact: true }).click();
      await hours.getByRole('button', { name: 'Office hours' }).click();
      const noon = hours.getByRole('gridcell', { name: 'Monday 12:00–12:15, working' });
      await noon.focus();
      for (const key of ['Shift+Control+ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Space']) {
        await page.keyboard.press(key);
      }
      await hours.getByRole('gridcell', { name: 'Wednesday 12:00–12:15, idle' }).waitFor();
    },
  },
  { name: 'settings', scenario: 'normal', path: '/administration/settings' },
  {
    name: 'settings-fault',
    scenario: 'normal',
    path: '/administration/settings',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Offline timeout: amount' }).fill('2');
    },
  },
  { name: 'server', scenario: 'normal', path: '/administration/server' },
];

const shell: readonly View[] = [
  {
    name: 'palette',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await page
        .getByRole('treeitem')
        .or(page.getByRole('button', { name: 'Groups' }))
        .first()
        .waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search, pages and actions' }).fill('ber');
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'account-menu',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await page.getByRole('button', { name: /Account of/ }).click();
    },
  },
  {
    name: 'shortcuts',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'navigation-drawer',
    scenario: 'normal',
    path: '/commands',
    prepare: async (page) => {
      const button = page.getByRole('button', { name: 'Open the navigation' });
      if (await button.isVisible()) await button.click();
      else await page.getByRole('button', { name: 'Collapse the navigation' }).click();
    },
  },
  { name: 'not-found', scenario: 'normal', path: '/nowhere' },
];

const doors: readonly View[] = [
  { name: 'sign-in-no-administrator', scenario: 'setup', path: '/sign-in' },
  {
    name: 'setup',
    scenario: 'setup',
    path: '/setup#a-one-time-secret-of-some-length',
    prepare: async (page) => {
      await page.getByLabel('Sign-in name').fill('admin');
      await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
      await page.getByText('Strength').waitFor();
    },
  },
  { name: 'setup-incomplete', scenario: 'setup', path: '/setup' },
  { name: 'invitation', scenario: 'setup', path: '/invitation#a-one-time-secret-of-some-length' },
  { name: 'recovery', scenario: 'setup', path: '/recovery#a-one-time-secret-of-some-length' },
  { name: 'recovery-used', scenario: 'setup', path: '/recovery#used-a-one-time-secret-of-some-length' },
  { name: 'invitation-used', scenario: 'setup', path: '/invitation#used-a-one-time-secret-of-some-length' },
];

export const views: readonly View[] = [
  ...directory,
  ...device,
  ...commandViews,
  ...logViews,
  ...administration,
  ...shell,
  ...doors,
];
