/**
 * Shows every page of the built console to a human and to axe: `node dev/look.ts [--out FOLDER] [--only NAME,…]
 * [--no-axe]`. Starts a server with a seeded fleet on the build, visits each page in light and dark, wide and narrow, saves
 * screenshots, and ends with status 1 when axe finds something or the browser reports an error.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Site } from './view.ts';
import { views, type View } from './views.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '/tmp/holdfast-look' },
    only: { type: 'string' },
    'no-axe': { type: 'boolean', default: false },
    schemes: { type: 'string', default: 'light,dark' },
    widths: { type: 'string', default: '1440,768,390' },
    products: { type: 'string', default: '200' },
    dist: { type: 'string', default: join(import.meta.dirname, '..', 'dist') },
  },
});

const schemes = values.schemes.split(',') as ('light' | 'dark')[];
const widths = values.widths.split(',').map(Number);
const faults: string[] = [];

/** By parts of names, with commas between them. */
function isChosen(view: View): boolean {
  return values.only === undefined || values.only.split(',').some((part) => view.name.includes(part));
}

type SignIn = { readonly name: string; readonly password: string };
type RunningSite = Site & { readonly signIn: SignIn | null; readonly stop: () => Promise<void> };

async function startSite(scenario: string): Promise<RunningSite> {
  const program = join(import.meta.dirname, '../../../dev/main.ts');
  const child = spawn(
    process.execPath,
    [program, '--scenario', scenario, '--products', values.products, '--console', values.dist],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const ended = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('The server ended before it was ready.'))),
  ]);
  const { ready } = message as { ready: Omit<Site, 'join'> & { signIn: SignIn | null } };
  return {
    ...ready,
    join: (tokenString) => void child.send({ join: tokenString }),
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}

async function signIn(page: Page, origin: string, { name, password }: SignIn): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Whatever origin the address was made with: the one that is looked at has the rest of it. */
function addressOf({ path }: View, site: Site): string {
  const { pathname, search, hash } = new URL(typeof path === 'string' ? path : path(site), site.origin);
  return site.origin + pathname + search + hash;
}

async function look(page: Page, view: View, site: Site, label: string): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  // Another fragment of the same address alone would load nothing.
  await page.goto('about:blank');
  await page.goto(addressOf(view, site));
  await page.locator('h1:not([data-loading]):not(.start h1)').waitFor();
  await view.prepare?.(page, site);
  await page.locator('h1:not([data-loading]):not(.start h1)').waitFor();
  await page.waitForTimeout(450);
  await page.screenshot({ path: join(values.out, `${label}.png`) });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) faults.push(`${label}: the page is ${overflow} px wider than the window`);
  if (values['no-axe']) return;
  const result = await new AxeBuilder({ page }).analyze();
  for (const violation of result.violations) {
    faults.push(
      `${label}: ${violation.id}: ${violation.help}\n    ${violation.nodes.map((node) => `${node.html}\n      ${node.failureSummary}`).join('\n    ')}`,
    );
  }
}

async function lookAtAll(browser: Browser, chosen: readonly View[], site: RunningSite): Promise<void> {
  for (const scheme of schemes) {
    for (const width of widths) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 844 : 900 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
        // Of an authority that the server made a moment ago.
        ignoreHTTPSErrors: true,
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        // Answers such as 401 before signing in are part of what is looked at.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
          faults.push(`${scheme} ${width} console: ${message.text()} at ${page.url()}`);
        }
      });
      page.on('pageerror', (error) =>
        faults.push(`${scheme} ${width} error: ${error.message} at ${page.url()}`),
      );
      // The pages before sign-in first, while nobody is signed in.
      let isSignedIn = site.signIn === null;
      for (const view of chosen.toSorted(
        (one, other) => Number(other.isSignedOut ?? 0) - Number(one.isSignedOut ?? 0),
      )) {
        // Below this the tree and the columns give way.
        if (view.isWideOnly === true && width < 1_000) continue;
        if (!isSignedIn && view.isSignedOut !== true && site.signIn !== null) {
          await signIn(page, site.origin, site.signIn);
          isSignedIn = true;
        }
        await look(page, view, site, `${view.name}-${scheme}-${width}`).catch((error: unknown) => {
          faults.push(`${view.name} ${scheme} ${width}: ${String(error)}`);
        });
      }
      await context.close();
    }
  }
}

await mkdir(values.out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  for (const scenario of ['seeded', 'empty', 'new'] as const) {
    const chosen = views.filter((view) => (view.scenario ?? 'seeded') === scenario && isChosen(view));
    if (chosen.length === 0) continue;
    const site = await startSite(scenario);
    try {
      await lookAtAll(browser, chosen, site);
    } finally {
      await site.stop();
    }
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults; screenshots in ${values.out}`);
process.exitCode = faults.length === 0 ? 0 : 1;
