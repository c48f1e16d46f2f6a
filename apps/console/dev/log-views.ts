import { openFirstRow, type View } from './view.ts';

/** The log of all devices, and of one. */
export const logViews: readonly View[] = [
  { name: 'logs', scenario: 'normal', path: '/logs' },
  { name: 'logs-filtered', scenario: 'normal', path: '/logs?severity=warning&period=day&search=disk' },
  { name: 'logs-no-match', scenario: 'normal', path: '/logs?search=nothing-like-this' },
  {
    name: 'logs-entry',
    scenario: 'normal',
    path: '/logs?type=disk-encryption-changed',
    prepare: async (page) => {
      await page.locator('[data-row-index="0"]').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'logs-new',
    scenario: 'normal',
    path: '/logs',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Show \d+ new/ }).waitFor();
    },
  },
  {
    name: 'device-logs',
    scenario: 'normal',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page
        .getByRole('navigation', { name: 'About this device' })
        .getByRole('link', { name: 'Logs' })
        .click();
    },
  },
  { name: 'logs-empty', scenario: 'empty', path: '/logs' },
];
