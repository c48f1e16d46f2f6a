import { openLine, openLogOfDevice, type View } from './view.ts';

/** The log of all devices, and of one. */
export const logViews: readonly View[] = [
  { name: 'logs', path: '/logs' },
  { name: 'logs-filtered', path: '/logs?severity=warning&period=day&search=disk' },
  { name: 'logs-no-match', path: '/logs?search=nothing-like-this' },
  {
    name: 'logs-entry',
    path: '/logs?type=disk-encryption-changed',
    prepare: (page) => openLine(page, 0),
  },
  {
    name: 'logs-new',
    path: '/logs',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Show \d+ new/ }).waitFor();
    },
  },
  {
    name: 'device-logs',
    path: '/logs',
    prepare: openLogOfDevice,
  },
  { name: 'logs-empty', scenario: 'empty', path: '/logs' },
];
