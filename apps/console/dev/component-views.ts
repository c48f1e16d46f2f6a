import type { Page } from 'playwright-core';
import { change } from './rare-views.ts';
import type { View } from './view.ts';

const path = '/components';

async function openComponent(page: Page, title: string): Promise<void> {
  await page.getByText(title, { exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/** The device whose components failed shows the most. */
async function openDeviceComponents(page: Page): Promise<void> {
  await page.locator('[data-row-index="0"]').first().click();
  await page.waitForURL(/devices\//u);
  const name = page.getByRole('navigation', { name: 'About this device' });
  await name.getByRole('link', { name: 'Components', exact: true }).click();
  await page.getByText('Malware patterns').waitFor();
}

const rootOfPublisher = {
  fingerprint: '9f0c'.repeat(16),
  version: 1,
  expiresAt: '2027-11-30T08:00:00.000Z',
  roles: [
    { role: 'root', keyCount: 3, threshold: 2 },
    { role: 'targets', keyCount: 2, threshold: 2 },
    { role: 'snapshot', keyCount: 1, threshold: 1 },
    { role: 'timestamp', keyCount: 1, threshold: 1 },
  ],
};

/** As long as nobody has trusted anything; the answers are played. */
async function distrust(page: Page): Promise<void> {
  await change(page, '/api/v1/components', { components: [], repository: null });
  await page.route(/\/look$/u, async (route) => await route.fulfill({ json: rootOfPublisher }));
  await page.reload();
  await page.getByText('Nobody has said yet whose signatures count.').waitFor();
}

async function openTrust(page: Page): Promise<void> {
  await distrust(page);
  await page.getByRole('button', { name: 'Look at Publisher' }).first().click();
  await page.getByRole('textbox', { name: 'The fingerprint that the publisher told you' }).waitFor();
}

async function endMetadata(page: Page, leftMs: number): Promise<void> {
  const expiresAt = new Date(Date.now() + leftMs).toISOString();
  const trusted = { trustedAt: '2026-11-19T08:00:00.000Z', trustedBy: 'ada' };
  await change(page, '/api/v1/components', {
    repository: { fingerprint: rootOfPublisher.fingerprint, ...trusted, expiresAt },
  });
  await page.reload();
  await page.getByText(/^The signed metadata end/u).waitFor();
}

export const componentViews: readonly View[] = [
  { name: 'components', path },
  { name: 'components-empty', scenario: 'empty', path },
  { name: 'components-metadata-near', path, prepare: async (page) => await endMetadata(page, 40_000_000) },
  { name: 'components-metadata-past', path, prepare: async (page) => await endMetadata(page, -7_200_000) },
  { name: 'component', path, prepare: (page) => openComponent(page, 'Malware patterns') },
  {
    name: 'component-release',
    path,
    prepare: async (page) => {
      await openComponent(page, 'Malware patterns');
      await page.locator('[data-row-index="0"]').click();
      await page.getByRole('dialog').getByRole('table').waitFor();
    },
  },
  {
    name: 'component-on-no-device',
    path: `${path}/id/data-loss-vocabulary-of-the-legal-department`,
    prepare: async (page) => await page.getByText('On no device').waitFor(),
  },
  { name: 'component-gone', path: `${path}/id/nothing-of-this-name` },
  {
    name: 'component-update-now',
    path,
    prepare: async (page) => {
      await openComponent(page, 'Malware patterns');
      await page.getByRole('button', { name: 'Update now…' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Update now on/u })
        .waitFor();
    },
  },
  { name: 'device-components', path: '/directory?tag=kiosk', prepare: openDeviceComponents },
  { name: 'component-downloads', path: `${path}/downloads` },
  { name: 'component-downloads-empty', scenario: 'empty', path: `${path}/downloads` },
  {
    name: 'component-source-add',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add source' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name', { exact: true }).fill('Mirror in Hamburg');
      await dialog.getByLabel('Proxy', { exact: true }).fill('http://proxy.example.org:3128');
    },
  },
  {
    name: 'component-source-change',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change Mirror in Lisbon' }).click();
      await page.getByRole('dialog').getByLabel('Address').fill('https://other.example.org/');
    },
  },
  {
    name: 'component-source-look',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Look at Publisher' }).click();
      await page.getByText('This is the root that is trusted.').waitFor();
    },
  },
  {
    name: 'component-source-unusable',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Look at Mirror in Lisbon' }).click();
      await page.getByRole('dialog').getByRole('alert').waitFor();
    },
  },
  {
    name: 'component-source-remove',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Remove Mirror in Lisbon' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'component-untrusted', path: `${path}/downloads`, prepare: distrust },
  {
    name: 'component-trust-other',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await openTrust(page);
      await page.getByRole('textbox').fill('9f0c 9f0c 1111');
      await page.getByText(/^It differs/u).waitFor();
    },
  },
  {
    name: 'component-trust-same',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await openTrust(page);
      await page.getByRole('textbox').fill(rootOfPublisher.fingerprint.toUpperCase());
      await page.getByText('Both are the same.').waitFor();
    },
  },
  {
    name: 'component-schedule',
    path: `${path}/downloads`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change the scheduled download' }).click();
      await page.getByRole('checkbox', { name: 'Only in certain hours' }).check();
      await page.getByText(/^Drag to change hours/u).waitFor();
    },
  },
  { name: 'component-plans', path: `${path}/plans` },
  { name: 'component-plans-empty', scenario: 'empty', path: `${path}/plans` },
  {
    name: 'component-plan-create',
    path: `${path}/plans`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Create plan' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Add stage' }).click();
    },
  },
  {
    name: 'component-plan-change',
    path: `${path}/plans`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change Careful' }).click();
      await page.getByRole('dialog').getByText('Stage 4').waitFor();
    },
  },
  {
    name: 'component-deployment',
    path: `${path}/plans`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change how Web proxy rules goes out' }).click();
      await page
        .getByRole('dialog')
        .getByText(/^Release/u)
        .waitFor();
    },
  },
  {
    name: 'component-rollout-complete',
    path: `${path}/plans`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Give it to every device' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'component-rollout-resume',
    path: `${path}/plans`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Go on', exact: true }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
];
