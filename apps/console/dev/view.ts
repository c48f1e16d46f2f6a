import type { Page } from 'playwright-core';

/** One thing to look at: an address, and what is done there first. */
export interface View {
  readonly name: string;
  readonly scenario: 'normal' | 'empty' | 'setup';
  readonly path: string;
  readonly isWideOnly?: boolean;
  readonly prepare?: (page: Page) => Promise<void>;
}

export async function openFirstRow(page: Page): Promise<void> {
  await page.locator('[data-row-index="0"]').first().waitFor();
  await page.locator('[data-row-index="0"] a').first().click();
  await page.waitForURL(/devices|commands\//);
  // The list stays in sight until the page of the row has been loaded.
  await page.locator('h1#page-title:not(:text-is("Commands"), :text-is("All devices"))').waitFor();
}
