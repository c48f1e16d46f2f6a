import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** Whether this computer has a browser that the tests can drive. */
export const hasBrowser = executablePath !== undefined;

export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('There is no Chromium on this computer.');
  return chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors that the page reported: exceptions, and violations of the content security policy. */
  readonly faults: string[];
}

/**
 * Runs in the page. Whatever is drawn, also for a moment while something is on its way, has exactly one `main` and
 * one `h1`: without them, somebody who hears the page does not know where it begins. What has not is a fault.
 */
function watchHeadings(): void {
  let lastFault = '';
  const check = (): void => {
    if (document.readyState === 'loading') return;
    // What waits behind the skeleton of a page is not drawn.
    const count = (name: string): number =>
      [...document.querySelectorAll(name)].filter((element) => element.checkVisibility()).length;
    const mains = count('main');
    const headings = count('h1');
    const fault =
      mains === 1 && headings === 1 ? '' : `${location.pathname} has ${mains} main and ${headings} h1`;
    if (fault !== '' && fault !== lastFault) console.error(fault);
    lastFault = fault;
  };
  new MutationObserver(check).observe(document, { childList: true, subtree: true });
  document.addEventListener('DOMContentLoaded', check);
}

/** A window that, like a person, accepts the server's own certificate. */
export async function openWindow(
  browser: Browser,
  options: { scheme?: 'light' | 'dark'; width?: number; height?: number } = {},
): Promise<Window> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme: options.scheme ?? 'light',
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    reducedMotion: 'reduce',
  });
  await context.addInitScript(watchHeadings);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return { context, page, faults };
}
