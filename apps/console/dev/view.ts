import type { Page } from 'playwright-core';

/** A server that is looked at. */
export interface Site {
  readonly origin: string;
  /** Addresses that are others each time: one-time links, and the page of a group. */
  readonly links: Readonly<Record<string, string>>;
  /** Has a computer join with this token. */
  readonly join: (tokenString: string) => void;
}

/** One thing to look at: an address, and what is done there first. */
export interface View {
  readonly name: string;
  /** Of a server that has no fleet, or not even an administrator; absent: of the seeded one. */
  readonly scenario?: 'empty' | 'new';
  readonly path: string | ((site: Site) => string);
  readonly isWideOnly?: boolean;
  readonly isSignedOut?: boolean;
  readonly prepare?: (page: Page, site: Site) => Promise<void>;
}

export async function openFirstRow(page: Page): Promise<void> {
  await page.locator('[data-row-index="0"]').first().waitFor();
  await page.locator('[data-row-index="0"] a').first().click();
  await page.waitForURL(/devices|commands\//);
  // The list stays in sight until the page of the row has been loaded.
  await page.locator('h1#page-title:not(:text-is("Commands"), :text-is("All devices"))').waitFor();
}

/** One part of the page of a device. */
export async function openDeviceTab(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'About this device' })
    .getByRole('link', { name, exact: true })
    .click();
}

/** A line of a list that opens beside it. */
export async function openLine(page: Page, index: number): Promise<void> {
  await page.locator(`[data-row-index="${index}"]`).click();
  await page.getByRole('dialog').waitFor();
}

/** The log of one device that has something in it. */
export async function openLogOfDevice(page: Page): Promise<void> {
  await page.locator('[data-row-index="0"]').first().waitFor();
  await page.locator('[data-row-index="0"]').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('link').first().click();
  await openDeviceTab(page, 'Logs');
}
