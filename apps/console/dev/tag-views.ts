import type { Page } from 'playwright-core';
import { openDeviceTab, openFirstRow, type View } from './view.ts';

async function openTaggedDevice(page: Page): Promise<void> {
  await openFirstRow(page);
  await page.getByRole('group', { name: 'Tags of this device' }).waitFor();
}

/** Tags, who has them, and notes. */
export const tagViews: readonly View[] = [
  { name: 'tags', scenario: 'normal', path: '/directory/tags' },
  { name: 'tags-empty', scenario: 'empty', path: '/directory/tags' },
  {
    name: 'tags-create',
    scenario: 'normal',
    path: '/directory/tags',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create tag' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('not possible');
    },
  },
  {
    name: 'tags-remove',
    scenario: 'normal',
    path: '/directory/tags',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Remove the tag kiosk' }).click();
      await page.getByText('What this will change').waitFor();
    },
  },
  { name: 'directory-tagged', scenario: 'normal', path: '/directory?tag=kiosk,leased' },
  {
    name: 'directory-tag-filter',
    scenario: 'normal',
    path: '/directory?tag=kiosk&withoutTag=lab',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Tags: / }).click();
      await page.getByRole('checkbox', { name: 'Without lab' }).waitFor();
    },
  },
  { name: 'directory-tag-gone', scenario: 'normal', path: '/directory?tag=gone' },
  {
    name: 'directory-tag-dialog',
    scenario: 'normal',
    path: '/directory?tag=leased',
    prepare: async (page) => {
      for (const index of [0, 1, 2]) {
        await page.locator(`[data-row-index="${index}"]`).getByRole('checkbox').check();
      }
      await page.getByRole('button', { name: 'Change 3 devices' }).click();
      await page.getByRole('menuitem', { name: 'Tags of 3 devices…' }).click();
      await page.getByRole('checkbox', { name: 'VIP' }).click();
      await page.getByText('What this will change').waitFor();
    },
  },
  { name: 'device-tagged', scenario: 'normal', path: '/directory?tag=kiosk', prepare: openTaggedDevice },
  {
    name: 'device-tag-editor',
    scenario: 'normal',
    path: '/directory?tag=kiosk',
    prepare: async (page) => {
      await openTaggedDevice(page);
      await page.getByRole('button', { name: 'Edit tags' }).click();
      await page.getByRole('textbox', { name: 'Find or create a tag' }).fill('ki');
      await page.getByRole('button', { name: 'Create “ki”' }).waitFor();
    },
  },
  {
    name: 'device-notes',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      for (let index = 0; ; index += 1) {
        await page.goto(new URL('/directory', page.url()).href);
        await page.locator(`[data-row-index="${index}"] a`).first().click();
        const tab = page.getByRole('link', { name: /^Notes/ });
        await tab.waitFor();
        await page.waitForTimeout(300);
        if ((await tab.textContent()) === 'Notes') continue;
        await openDeviceTab(page, (await tab.textContent()) ?? '');
        await page.getByText('Screen replaced.').waitFor();
        await page.getByRole('button', { name: 'Edit the note of M. Tamm' }).click();
        return;
      }
    },
  },
  {
    name: 'device-notes-empty',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      for (let index = 0; ; index += 1) {
        await page.goto(new URL('/directory', page.url()).href);
        await page.locator(`[data-row-index="${index}"] a`).first().click();
        const tab = page.getByRole('link', { name: /^Notes/ });
        await tab.waitFor();
        await page.waitForTimeout(300);
        if ((await tab.textContent()) !== 'Notes') continue;
        await openDeviceTab(page, 'Notes');
        await page.getByText('No notes yet').waitFor();
        return;
      }
    },
  },
];
