import type { Page } from 'playwright-core';
import { openDeviceTab, openFirstRow, type View } from './view.ts';

async function openTaggedDevice(page: Page): Promise<void> {
  await openFirstRow(page);
  await page.getByRole('group', { name: 'Tags of this device' }).waitFor();
}

/** Tags, who has them, and notes. */
export const tagViews: readonly View[] = [
  { name: 'tags', path: '/directory/tags' },
  { name: 'tags-empty', scenario: 'empty', path: '/directory/tags' },
  {
    name: 'tags-create',
    path: '/directory/tags',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create tag' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('not possible');
    },
  },
  {
    name: 'tags-remove',
    path: '/directory/tags',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Remove the tag kiosk' }).click();
      await page.getByText('What this will change').waitFor();
    },
  },
  { name: 'directory-tagged', path: '/directory?tag=kiosk,leased' },
  {
    name: 'directory-tag-filter',
    path: '/directory?tag=kiosk&withoutTag=lab',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Tags: / }).click();
      await page.getByRole('checkbox', { name: 'Without lab' }).waitFor();
    },
  },
  { name: 'directory-tag-gone', path: '/directory?tag=gone' },
  {
    name: 'directory-tag-dialog',
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
  { name: 'device-tagged', path: '/directory?tag=kiosk', prepare: openTaggedDevice },
  {
    name: 'device-tag-editor',
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
    path: '/directory?search=front+desk',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('link', { name: /^Notes/ }).click();
      await page.getByText('Screen replaced.').waitFor();
      await page
        .getByRole('button', { name: /^Edit the note of/ })
        .first()
        .click();
    },
  },
  {
    name: 'device-notes-empty',
    path: '/directory?search=copied',
    prepare: async (page) => {
      await openFirstRow(page);
      await openDeviceTab(page, 'Notes');
      await page.getByText('No notes yet').waitFor();
    },
  },
];
