import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { administratorName, administratorPassword } from './administrator.ts';

/** The console as a person uses it: what is said on the screen, not how the page is made. */

export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(administratorName);
  await page.getByLabel('Password', { exact: true }).fill(administratorPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a page by the navigation, without loading the console anew. */
export async function openPage(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name, exact: false })
    .click();
}

/** Opens the page of a device from the directory, wherever the console is. */
export async function openDevice(page: Page, name: string): Promise<void> {
  await openPage(page, 'Directory');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

export async function setDuration(page: Page, label: string, amount: number): Promise<void> {
  await page.getByRole('textbox', { name: `${label}: amount` }).fill(String(amount));
  await page.getByRole('combobox', { name: `${label}: unit` }).click();
  await page.getByRole('option', { name: 'seconds' }).click();
}

/** Chooses in a list that opens below its field. */
export async function chooseOption(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option }).click();
}

/** Sets a filter by its chip. */
export async function chooseFilter(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name, exact: true }).click();
  await page.getByRole('menuitemradio', { name: value, exact: true }).click();
  await page.getByRole('button', { name: `${name}: ${value}`, exact: true }).waitFor();
}

/**
 * What is wrong for people who use assistive technology, each with its place.
 *
 * @param except what is not looked at, as a selector
 */
export async function findViolations(page: Page, where: string, except?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (except === undefined ? builder : builder.exclude(except)).analyze();
  return violations.map(
    ({ id, help, nodes }) => `${where}: ${id}: ${help}\n  ${nodes.map((node) => node.html).join('\n  ')}`,
  );
}
