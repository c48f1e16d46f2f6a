import { openLine, openLogOfDevice, type View } from './view.ts';

/** The log of all devices, and of one. */
export const logViews: readonly View[] = [
  { name: 'logs', scenario: 'normal', path: '/logs' },
  { name: 'logs-filtered', scenario: 'normal', path: '/logs?severity=warning&period=day&search=disk' },
  { name: 'logs-no-match', scenario: 'normal', path: '/logs?search=nothing-like-this' },
  {
    name: 'logs-entry',
    scenario: 'normal',
    path: '/logs?type=disk-encryption-changed',
    prepare: (page) => openLine(page, 0),
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
    path: '/logs',
    prepare: openLogOfDevice,
  },
  { name: 'logs-empty', scenario: 'empty', path: '/logs' },
];
