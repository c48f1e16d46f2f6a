import type { Locator, Page } from 'playwright-core';
import { commandViews } from './command-views.ts';
import { deviceViews, directoryViews } from './directory-views.ts';
import { jobViews } from './job-views.ts';
import { logViews } from './log-views.ts';
import { tagViews } from './tag-views.ts';
import { openLine, type View } from './view.ts';
import { webhookViews } from './webhook-views.ts';

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

/** One group says two values itself, then the top group locks one of these and another. */
async function openLockedCommunication(page: Page): Promise<void> {
  const setting = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const own = async (name: string, isLocked: boolean): Promise<void> => {
    await setting(name).getByText('Own', { exact: true }).click();
    if (isLocked)
      await setting(name).getByRole('checkbox', { name: 'Groups below cannot change it' }).check();
  };
  const save = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page
      .getByText(/^Communication of .+ saved\.$/u)
      .first()
      .waitFor();
  };
  const open = async (groupName: string): Promise<void> => {
    await page
      .getByRole('treeitem', { name: new RegExp(`^${groupName}\\b`, 'u') })
      .first()
      .click();
    await page.getByRole('button', { name: `Actions for the group ${groupName}` }).click();
    await page.getByRole('menuitem', { name: 'Communication…' }).click();
    await page.getByRole('heading', { level: 1, name: `Communication of ${groupName}` }).waitFor();
  };
  const shown = page.viewportSize();
  await page.setViewportSize({ width: 1440, height: 900 });
  await open('Berlin');
  await setting('Heartbeat interval').waitFor();
  const locked = page.getByText(/^Locked by/u).first();
  // The world outlives the page: a look before this one may have done it.
  if (!(await locked.isVisible())) {
    await own('Calls from the server', false);
    await own('Listener of the agents', false);
    await save();
    const berlin = page.url();
    await page.goBack();
    await open('Example Ltd');
    await own('Calls from the server', true);
    await own('Heartbeat interval', true);
    await save();
    await page.goto(berlin);
  }
  await locked.waitFor();
  if (shown !== null) await page.setViewportSize(shown);
}

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
      await page.getByText('Paste this into a shell on the device').waitFor();
    },
  },
  {
    name: 'token-arrivals',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Laptops with arrivals');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('Joined', { exact: true }).waitFor();
      await page.getByText('Leave the token out').click();
      await page.getByText('Joined', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'token-files',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Berlin laptops');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('Two files').click();
      await page.getByText('download both files').waitFor();
    },
  },
  {
    name: 'token-by-hand',
    scenario: 'normal',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Berlin laptops');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('By hand').click();
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
      await page.getByText('What the line does').click();
    },
  },
  { name: 'waiting', scenario: 'normal', path: '/enrolment/waiting' },
  { name: 'audit-log', scenario: 'normal', path: '/audit-log' },
  {
    name: 'audit-entry',
    scenario: 'normal',
    path: '/audit-log',
    prepare: (page) => openLine(page, 2),
  },
  { name: 'administrators', scenario: 'normal', path: '/administration/administrators' },
  {
    name: 'administrator-roles',
    scenario: 'normal',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Roles of Noor Haddad' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'administrator-choose',
    scenario: 'normal',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Roles of Noor Haddad' }).click();
      await page.getByRole('combobox', { name: 'Role' }).click();
      await page.getByRole('option', { name: /^Help desk/u }).waitFor();
    },
  },
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
    name: 'group-communication-locks',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      const heading = await openGroupCommunication(page);
      await heading.waitFor();
      for (const name of ['Heartbeat interval', 'Calls from the server']) {
        const setting = page.getByRole('region', { name, exact: true });
        await setting.getByText('Own', { exact: true }).click();
        await setting.getByRole('checkbox', { name: 'Groups below cannot change it' }).check();
      }
      await page.getByRole('region', { name: 'Offline timeout' }).getByText('Own', { exact: true }).click();
    },
  },
  {
    name: 'group-communication-locked',
    scenario: 'normal',
    path: '/directory',
    prepare: openLockedCommunication,
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
  { name: 'setup-used', scenario: 'setup', path: '/setup#used-a-one-time-secret-of-some-length' },
  { name: 'invitation', scenario: 'setup', path: '/invitation#a-one-time-secret-of-some-length' },
  { name: 'recovery', scenario: 'setup', path: '/recovery#a-one-time-secret-of-some-length' },
  { name: 'recovery-used', scenario: 'setup', path: '/recovery#used-a-one-time-secret-of-some-length' },
  { name: 'invitation-used', scenario: 'setup', path: '/invitation#used-a-one-time-secret-of-some-length' },
];

export const views: readonly View[] = [
  ...directoryViews,
  ...deviceViews,
  ...tagViews,
  ...commandViews,
  ...logViews,
  ...administration,
  ...webhookViews,
  ...jobViews,
  ...shell,
  ...doors,
];
