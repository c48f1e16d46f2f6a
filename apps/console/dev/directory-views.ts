import type { Page } from 'playwright-core';
import { openDeviceTab, openFirstRow, type View } from './view.ts';

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

/** The overview, the tree and the list of devices, the recycle bin. */
export const directoryViews: readonly View[] = [
  { name: 'overview', path: '/' },
  { name: 'overview-empty', scenario: 'empty', path: '/' },
  {
    name: 'directory-bulk-remove',
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
    path: '/directory?search=reinstalled',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('Another record of the same computer').waitFor();
    },
  },
  {
    name: 'device-cut-lists',
    path: '/directory?search=store-1',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('33 more disks are not listed').waitFor();
    },
  },
  { name: 'directory', path: '/directory' },
  { name: 'saved-views', path: '/directory/views' },
  { name: 'saved-views-empty', scenario: 'empty', path: '/directory/views' },
  {
    name: 'saved-views-actions',
    path: '/directory/views',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Actions for Laptops to encrypt' }).click();
      await page.getByRole('menuitem', { name: 'Rename…' }).waitFor();
    },
  },
  {
    name: 'directory-selected',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    },
  },
  {
    name: 'directory-group',
    path: '/directory?platform=linux',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('heading', { name: 'Berlin' }).waitFor();
    },
  },
  {
    name: 'directory-group-menu',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('button', { name: /Actions for the group/ }).click();
    },
  },
  {
    name: 'directory-move',
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
    name: 'directory-new-group',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: /^Berlin/ }).click();
      await page.getByRole('button', { name: /Actions for the group/ }).click();
      await page.getByRole('menuitem', { name: 'New subgroup' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Support/First line');
    },
  },
  {
    name: 'directory-views',
    path: '/directory?encryption=not-encrypted',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Views?\b/ }).click();
      await page.getByRole('menuitem', { name: 'Save this view…' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Without encryption');
      await page.getByRole('button', { name: 'Save view' }).click();
      await page.getByRole('button', { name: 'View: Without encryption' }).click();
      await page.getByRole('menuitem', { name: 'Without encryption', exact: true }).waitFor();
    },
  },
  {
    name: 'directory-columns',
    path: '/directory',
    isWideOnly: true,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Columns' }).click();
    },
  },
  { name: 'directory-no-match', path: '/directory?search=nothing-like-this' },
  {
    name: 'directory-groups-drawer',
    path: '/directory',
    prepare: async (page) => {
      const button = page.getByRole('button', { name: 'Groups' });
      if (await button.isVisible()) await button.click();
    },
  },
  { name: 'recycle-bin-empty', scenario: 'empty', path: '/directory/recycle-bin' },
  { name: 'directory-empty', scenario: 'empty', path: '/directory' },
  { name: 'recycle-bin', path: '/directory', prepare: removeSomething },
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

/** The page of one device. */
export const deviceViews: readonly View[] = [
  { name: 'device', path: '/directory', prepare: openAttentiveDevice },
  {
    name: 'device-idle',
    path: '/directory?status=idle',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('Working hours begin').waitFor();
    },
  },
  {
    name: 'device-connection',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await openDeviceTab(page, 'Connection');
    },
  },
  {
    name: 'device-commands',
    path: '/directory',
    prepare: async (page) => {
      await page.goto(new URL('/commands', page.url()).href);
      await openFirstRow(page);
      await page.locator('[data-row-index="0"]').click();
      await page.getByRole('dialog').getByRole('link', { name: 'Open the device' }).click();
      await openDeviceTab(page, 'Commands');
    },
  },
  {
    name: 'device-key-copy',
    path: '/directory?search=copied',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('Two computers use the key').waitFor();
    },
  },
  {
    name: 'device-audit',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await openDeviceTab(page, 'Audit log');
    },
  },
  {
    name: 'device-menu',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: /More actions for/ }).click();
    },
  },
  {
    name: 'device-rename',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: /More actions for/ }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
    },
  },
];
