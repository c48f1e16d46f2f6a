import type { Page } from 'playwright-core';
import type { View } from './view.ts';

const path = '/administration/jobs';

async function openJob(page: Page, name: RegExp): Promise<void> {
  await page
    .getByRole('region', { name: 'All jobs' })
    .getByRole('row')
    .filter({ hasText: name })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
}

/** What the server does in the background. */
export const jobViews: readonly View[] = [
  { name: 'jobs', scenario: 'normal', path },
  { name: 'jobs-empty', scenario: 'empty', path },
  { name: 'jobs-no-match', scenario: 'normal', path: `${path}?state=cancelled&kind=prune` },
  {
    name: 'job-dead',
    scenario: 'normal',
    path: `${path}?state=dead`,
    prepare: (page) => openJob(page, /backup/u),
  },
  {
    name: 'job-running',
    scenario: 'normal',
    path: `${path}?state=running`,
    prepare: (page) => openJob(page, /backup/u),
  },
  {
    name: 'job-succeeded',
    scenario: 'normal',
    path: `${path}?state=succeeded`,
    prepare: (page) => openJob(page, /old/u),
  },
  {
    name: 'job-cancel',
    scenario: 'normal',
    path: `${path}?state=running`,
    prepare: async (page) => {
      await openJob(page, /backup/u);
      await page.getByRole('button', { name: 'Cancel job' }).click();
      await page.getByRole('heading', { name: /^Cancel/u }).waitFor();
    },
  },
  {
    name: 'job-pause',
    scenario: 'normal',
    path,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Pause: Make a backup' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
];
