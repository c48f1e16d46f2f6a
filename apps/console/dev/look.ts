/**
 * Shows every page of the built console to a human and to axe: `node dev/look.ts [--out FOLDER] [--only NAME,…]
 * [--no-axe]`. Starts the mock server on the build, visits each page in light and dark, wide and narrow, saves
 * screenshots, and ends with status 1 when axe finds something or the browser reports an error.
 */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { views, type View } from './views.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '/tmp/holdfast-look' },
    only: { type: 'string' },
    'no-axe': { type: 'boolean', default: false },
    schemes: { type: 'string', default: 'light,dark' },
    widths: { type: 'string', default: '1440,768,390' },
    dist: { type: 'string', default: join(import.meta.dirname, '..', 'dist') },
    port: { type: 'string', default: '4280' },
  },
});

const schemes = values.schemes.split(',') as ('light' | 'dark')[];
const widths = values.widths.split(',').map(Number);
const faults: string[] = [];

/** By parts of names, with commas between them. */
function isChosen(view: View): boolean {
  return values.only === undefined || values.only.split(',').some((part) => view.name.includes(part));
}

function startMock(port: number, scenario: string): { readonly origin: string; readonly stop: () => void } {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'mock-server.ts'),
      '--dist',
      values.dist,
      '--port',
      String(port),
      '--scenario',
      scenario,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return { origin: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

async function waitForServer(origin: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const isUp = await fetch(`${origin}/api/v1/setup`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no answer from ${origin}`);
}

async function signIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('anything goes here');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

async function look(page: Page, view: View, origin: string, label: string): Promise<void> {
  // Another fragment of the same address alone would load nothing.
  await page.goto('about:blank');
  await page.goto(origin + view.path);
  await page.locator('h1:not([data-loading]):not(.start h1)').waitFor();
  await view.prepare?.(page);
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

async function lookAtAll(browser: Browser, scenario: View['scenario'], origin: string): Promise<void> {
  const chosen = views.filter((view) => view.scenario === scenario && isChosen(view));
  for (const scheme of schemes) {
    for (const width of widths) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 844 : 900 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
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
      if (scenario !== 'setup') await signIn(page, origin);
      for (const view of chosen) {
        // Below this the tree and the columns give way.
        if (view.isWideOnly === true && width < 1_000) continue;
        await look(page, view, origin, `${view.name}-${scheme}-${width}`).catch((error: unknown) => {
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
  for (const [index, scenario] of (['normal', 'empty', 'setup'] as const).entries()) {
    if (!views.some((view) => view.scenario === scenario && isChosen(view))) {
      continue;
    }
    const mock = startMock(Number(values.port) + index, scenario);
    try {
      await waitForServer(mock.origin);
      await lookAtAll(browser, scenario, mock.origin);
    } finally {
      mock.stop();
    }
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults; screenshots in ${values.out}`);
process.exitCode = faults.length === 0 ? 0 : 1;
