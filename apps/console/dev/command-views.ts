import type { Page } from 'playwright-core';
import { openFirstRow, openLine, type View } from './view.ts';

async function openDialogFor(page: Page, type: RegExp): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/commands`);
  await page.getByRole('button', { name: 'Issue command' }).click();
  await page.getByRole('combobox', { name: 'What' }).click();
  await page.getByRole('option', { name: type }).click();
  await page.getByRole('combobox', { name: /^Group/ }).click();
  await page.getByRole('option').nth(2).click();
}

/** Command Tracking, a command, and the dialogs about them. */
export const commandViews: readonly View[] = [
  { name: 'commands', path: '/commands' },
  { name: 'command-many', path: '/commands', prepare: openFirstRow },
  {
    name: 'command-target',
    path: '/commands',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('row').filter({ hasText: 'Succeeded' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'command-single',
    path: '/commands?progress=finished',
    prepare: async (page) => {
      const row = page
        .getByRole('row')
        .filter({ hasText: /Succeeded$/ })
        .first();
      await row.waitFor();
      await row.getByRole('link').click();
    },
  },
  {
    name: 'command-running',
    path: '/commands?state=running&type=show-message',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('progressbar').waitFor();
    },
  },
  {
    name: 'command-cancel',
    path: '/commands?state=running&type=show-message',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'Cancel command' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'command-cancelling',
    path: '/commands?state=cancelling&type=show-message',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByText('The device is asked to end this').waitFor();
    },
  },
  {
    name: 'command-progress',
    path: '/commands?state=running&type=collect-inventory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'State' }).click();
      await page.getByRole('menuitemradio', { name: /Running/ }).click();
      await page.getByRole('progressbar').first().waitFor();
    },
  },
  {
    name: 'issue-message',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Show a message/ }).click();
    },
  },
  {
    name: 'issue-disruptive',
    path: '/commands',
    prepare: async (page) => {
      await openDialogFor(page, /^Restart agent/);
      await page.getByRole('button', { name: /^Restart agent on/ }).click();
      await page.getByRole('heading', { name: /^Restart agent on .*\?$/ }).waitFor();
    },
  },
  {
    name: 'issue-destructive',
    path: '/commands',
    prepare: async (page) => {
      await openDialogFor(page, /^Shut down computer/);
      await page.getByRole('button', { name: /^Shut down computer on/ }).click();
      await page.getByLabel(/^Type/).waitFor();
    },
  },
  {
    name: 'issue-restart',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'More' }).first().click();
      await page.getByRole('menuitem', { name: /another command/u }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Restart computer/ }).click();
      await page.getByLabel('Message').fill('Updates are installed at noon.');
      await page.getByRole('button', { name: /^Restart computer on/ }).click();
      await page.getByRole('heading', { name: /\?$/u }).waitFor();
    },
  },
  {
    name: 'issue-too-long',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Show a message/ }).click();
      await page.getByLabel('Title').fill('x'.repeat(101));
      await page.getByText('It must be text of').waitFor();
    },
  },
  {
    name: 'issue-delayed',
    path: '/directory',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'More' }).first().click();
      await page.getByRole('menuitem', { name: /another command/u }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Shut down computer/ }).click();
      await page.getByRole('combobox', { name: 'Delay: unit' }).click();
      await page.getByRole('option', { name: 'hours' }).click();
      await page.getByRole('textbox', { name: 'Delay: amount' }).fill('2');
      await page.getByRole('button', { name: /^Shut down computer on/ }).click();
      await page.getByLabel(/^Type/).fill('other');
    },
  },
  {
    name: 'issue-command',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'issue-choose',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Restart agent/ }).waitFor();
    },
  },
  {
    name: 'issue-search',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByLabel('Only devices that match').fill('macbook');
      await page.getByRole('button', { name: /^Collect inventory on [\d,]+ devices/u }).waitFor();
    },
  },
  {
    name: 'issue-log-level',
    path: '/commands',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Issue command' }).click();
      await page.getByRole('combobox', { name: 'What' }).click();
      await page.getByRole('option', { name: /^Set log level/ }).click();
      await page.getByRole('combobox', { name: 'Level' }).click();
      await page.getByRole('option', { name: /Everything/ }).click();
    },
  },
  {
    name: 'issue-idle',
    path: '/directory?status=idle',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'Collect inventory' }).click();
      await page.getByText('One device is in idle hours and gets').waitFor();
    },
  },
  {
    name: 'issue-idle-late',
    path: '/directory?status=idle',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: 'Collect inventory' }).click();
      await page.getByRole('combobox', { name: /: unit$/u }).click();
      await page.getByRole('option', { name: 'hours' }).click();
      await page.getByRole('textbox', { name: /: amount$/u }).fill('2');
      await page.getByText('the command expires before that').waitFor();
    },
  },
  {
    name: 'health-check',
    path: '/commands?type=run-health-check&progress=finished',
    prepare: async (page) => {
      await openFirstRow(page);
      await openLine(page, 0);
      await page.getByRole('list', { name: 'Checks' }).waitFor();
    },
  },
  {
    name: 'command-retry',
    path: '/commands?progress=with-failures',
    prepare: async (page) => {
      await openFirstRow(page);
      await page.getByRole('button', { name: /^Try again for/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'commands-empty', scenario: 'empty', path: '/commands' },
];
