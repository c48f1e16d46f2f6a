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
  { name: 'jobs', path },
  { name: 'jobs-empty', scenario: 'empty', path },
  { name: 'jobs-no-match', path: `${path}?state=cancelled&kind=prune` },
  {
    name: 'job-dead',
    path: `${path}?state=dead`,
    prepare: (page) => openJob(page, /report/u),
  },
  {
    name: 'job-running',
    path: `${path}?state=running`,
    prepare: (page) => openJob(page, /report/u),
  },
  {
    name: 'job-succeeded',
    path: `${path}?state=succeeded`,
    prepare: (page) => openJob(page, /old/u),
  },
  {
    name: 'job-cancel',
    path: `${path}?state=running`,
    prepare: async (page) => {
      await openJob(page, /report/u);
      await page.getByRole('button', { name: 'Cancel job' }).click();
      await page.getByRole('heading', { name: /^Cancel/u }).waitFor();
    },
  },
  {
    name: 'job-pause',
    path,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Pause: Remove what is old' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
];
