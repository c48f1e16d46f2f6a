import type { Locator, Page } from 'playwright-core';
import { commandViews } from './command-views.ts';
import { componentViews } from './component-views.ts';
import { deviceViews, directoryViews } from './directory-views.ts';
import { jobViews } from './job-views.ts';
import { logViews } from './log-views.ts';
import { change, rareViews } from './rare-views.ts';
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

const administration: readonly View[] = [
  { name: 'enrolment', path: '/enrolment' },
  { name: 'enrolment-empty', scenario: 'empty', path: '/enrolment' },
  {
    name: 'create-token',
    path: '/enrolment',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'token-created',
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
    path: '/enrolment',
    prepare: async (page, site) => {
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Laptops with arrivals');
      const created = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/enrolment-tokens'));
      await page.getByRole('button', { name: 'Create token' }).click();
      site.join(((await (await created).json()) as { tokenString: string }).tokenString);
      await page.getByText('Joined', { exact: true }).waitFor();
      await page.getByText('Leave the token out').click();
      await page.getByText('Joined', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'token-files',
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
    path: '/enrolment',
    prepare: async (page) => {
      await change(page, '/api/v1/enrolment-tokens', { addresses: ['https://localhost:8443'] });
      await page.getByRole('button', { name: 'Create enrolment token' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('A loopback server');
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('What the line does').click();
    },
  },
  { name: 'waiting', path: '/enrolment/waiting' },
  { name: 'audit-log', path: '/audit-log' },
  {
    name: 'audit-entry',
    path: '/audit-log',
    prepare: (page) => openLine(page, 2),
  },
  { name: 'administrators', path: '/administration/administrators' },
  {
    name: 'administrator-roles',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Roles of Noor Haddad' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'administrator-choose',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Roles of Noor Haddad' }).click();
      await page.getByRole('combobox', { name: 'Role' }).click();
      await page.getByRole('option', { name: /^Help desk/u }).waitFor();
    },
  },
  {
    name: 'invite',
    path: '/administration/administrators',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Invite administrator' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'sessions', path: '/administration/sessions?everyone=yes' },
  { name: 'api-keys', path: '/administration/api-keys' },
  {
    name: 'create-api-key',
    path: '/administration/api-keys',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create API key' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'group-communication',
    path: '/directory',
    prepare: async (page) => {
      const heading = await openGroupCommunication(page);
      await heading.waitFor();
    },
  },
  {
    name: 'group-communication-locks',
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
    path: (site) => site.links['lockedGroup'] ?? '',
    prepare: async (page) =>
      await page
        .getByText(/^Locked by/u)
        .first()
        .waitFor(),
  },
  {
    name: 'group-schedule',
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
  { name: 'settings', path: '/administration/settings' },
  {
    name: 'settings-fault',
    path: '/administration/settings',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Offline timeout: amount' }).fill('2');
    },
  },
  { name: 'server', path: '/administration/server' },
];

const shell: readonly View[] = [
  {
    name: 'palette',
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
    path: '/directory',
    prepare: async (page) => {
      await page.getByRole('button', { name: /Account of/ }).click();
    },
  },
  {
    name: 'shortcuts',
    path: '/directory',
    prepare: async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'navigation-drawer',
    path: '/commands',
    prepare: async (page) => {
      const button = page.getByRole('button', { name: 'Open the navigation' });
      if (await button.isVisible()) await button.click();
      else await page.getByRole('button', { name: 'Collapse the navigation' }).click();
    },
  },
  { name: 'not-found', path: '/nowhere' },
];

const wrongSecret = 'a-one-time-secret-that-nobody-made';

const signInViews: readonly View[] = [
  { name: 'sign-in-no-administrator', scenario: 'new', path: '/sign-in' },
  {
    name: 'setup',
    scenario: 'new',
    path: (site) => site.links['setup'] ?? '',
    prepare: async (page) => {
      await page.getByLabel('Sign-in name').fill('admin');
      await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
      await page.getByText('Strength').waitFor();
    },
  },
  { name: 'setup-incomplete', scenario: 'new', path: '/setup' },
  { name: 'setup-used', scenario: 'new', path: `/setup#${wrongSecret}` },
  { name: 'sign-in', isSignedOut: true, path: '/sign-in' },
  { name: 'invitation', isSignedOut: true, path: (site) => site.links['invitation'] ?? '' },
  { name: 'invitation-used', isSignedOut: true, path: `/invitation#${wrongSecret}` },
  { name: 'recovery', isSignedOut: true, path: (site) => site.links['recovery'] ?? '' },
  { name: 'recovery-used', isSignedOut: true, path: `/recovery#${wrongSecret}` },
];

export const views: readonly View[] = [
  ...directoryViews,
  ...deviceViews,
  ...tagViews,
  ...commandViews,
  ...componentViews,
  ...logViews,
  ...administration,
  ...webhookViews,
  ...jobViews,
  ...shell,
  ...signInViews,
  ...rareViews,
];
