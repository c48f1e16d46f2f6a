import type { Page } from 'playwright-core';
import type { View } from './view.ts';

async function openWebhook(page: Page, name: string): Promise<void> {
  await page.getByText(name, { exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

const path = '/administration/webhooks';

export const webhookViews: readonly View[] = [
  { name: 'webhooks', path },
  { name: 'webhooks-empty', scenario: 'empty', path },
  {
    name: 'webhook-create',
    path,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create webhook' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Service desk');
      await dialog.getByLabel('Address').fill('http://desk.example.org');
      await dialog.getByRole('combobox', { name: 'Events' }).fill('device');
      await page.getByRole('option', { name: /Device: everything/u }).click();
      await dialog.getByRole('combobox', { name: 'Events' }).fill('');
    },
  },
  {
    name: 'webhook-events',
    path,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create webhook' }).click();
      await page.getByRole('dialog').getByRole('combobox', { name: 'Events' }).click();
      await page.getByRole('option', { name: /Device: everything/u }).waitFor();
    },
  },
  {
    name: 'webhook-refused',
    path,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create webhook' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Service desk');
      await dialog.getByLabel('Address').fill('http://desk.example.org');
      await dialog.getByRole('combobox', { name: 'Events' }).fill('device');
      await page.getByRole('option', { name: /Device: everything/u }).click();
      await page.keyboard.press('Escape');
      await dialog.getByRole('button', { name: 'Create webhook' }).click();
      await dialog.getByRole('alert').waitFor();
    },
  },
  {
    name: 'webhook-secret',
    path,
    prepare: async (page) => {
      await openWebhook(page, 'Service desk');
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Change secret' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Change secret' }).click();
      await page.getByText('It is shown only now').waitFor();
    },
  },
  {
    name: 'webhook-remove',
    path,
    prepare: async (page) => {
      await openWebhook(page, 'Service desk');
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: /^Remove/u }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'webhook-message',
    path,
    prepare: async (page) => {
      await openWebhook(page, 'Service desk');
      await page.locator('[data-row-index="1"]').click();
      await page.getByText('"webhookId"').waitFor();
    },
  },
  { name: 'webhook-works', path, prepare: (page) => openWebhook(page, 'Service desk') },
  {
    name: 'webhook-fails',
    path,
    prepare: async (page) => {
      await openWebhook(page, 'SIEM');
      await page.getByRole('button', { name: 'Send a test event' }).click();
      await page.getByText('The test event was not delivered').waitFor();
    },
  },
  {
    name: 'webhook-disabled',
    path,
    prepare: (page) => openWebhook(page, 'Old reporting script'),
  },
  { name: 'webhook-gone', path: `${path}/019aa000-0000-7000-8000-000000000001` },
  { name: 'events', path: '/administration/events' },
  { name: 'events-empty', scenario: 'empty', path: '/administration/events' },
];
