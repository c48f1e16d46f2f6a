import type { Page, Route } from 'playwright-core';
import type { View } from './view.ts';

// What a server does too seldom to wait for it: its answers are played by the browser, on their way to the page.

/** What becomes of the calls of this path, until the next view. */
async function play(page: Page, path: string, answer: (route: Route) => Promise<unknown>): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    async (route) => void (await answer(route)),
  );
}

/** The answer of the server, with other values in some places. */
export async function change(page: Page, path: string, values: object): Promise<void> {
  await play(page, path, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as object;
    await route.fulfill({ response, json: { ...body, ...values } });
  });
}

/** A refusal as the server writes it. */
async function refuse(page: Page, path: string, status: number, code: string, detail: string): Promise<void> {
  await play(page, path, async (route) => {
    const problem = { type: `urn:holdfast:${code}`, title: code, status, code, detail };
    const facts = { requestId: '019aa0de-0000-7000-8000-000000000000', retry: 'safe', facts: {} };
    await route.fulfill({ status, contentType: 'application/problem+json', json: { ...problem, ...facts } });
  });
}

/** No answer, ever. */
async function hold(page: Page, path: string): Promise<void> {
  await play(page, path, () => new Promise(() => undefined));
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await page.locator('h1').first().waitFor();
}

/** Faults of the server and of the way to it. */
export const rareViews: readonly View[] = [
  {
    name: 'page-without-server',
    path: '/directory',
    prepare: async (page) => {
      await page.locator('[data-row-index="0"]').first().waitFor();
      // As of now nothing answers any more.
      await page.route('**/*', async (route) => await route.abort());
      await page.evaluate(() => {
        window.history.pushState({}, '', '/jobs');
        window.dispatchEvent(new PopStateEvent('popstate'));
      });
      await page.getByRole('heading', { level: 1, name: 'The server cannot be reached' }).waitFor();
    },
  },
  {
    name: 'rare-database-away',
    path: '/commands',
    prepare: async (page) => {
      const detail = 'The database does not answer.';
      await refuse(page, '/api/v1/commands', 503, 'DATABASE_UNAVAILABLE', detail);
      await reload(page);
      await page.getByRole('alert').filter({ hasText: 'DATABASE_UNAVAILABLE' }).first().waitFor();
    },
  },
  {
    name: 'rare-refused',
    path: '/administration/webhooks',
    prepare: async (page) => {
      const detail = 'This needs the permission settings:read.';
      await refuse(page, '/api/v1/webhooks', 403, 'PERMISSION_DENIED', detail);
      await reload(page);
    },
  },
  {
    name: 'rare-no-answer',
    path: '/directory',
    prepare: async (page) => {
      await hold(page, '/api/v1/devices');
      await reload(page);
    },
  },
  {
    name: 'rare-broken-answer',
    path: '/administration/jobs',
    prepare: async (page) => {
      await play(
        page,
        '/api/v1/jobs',
        async (route) =>
          await route.fulfill({ status: 200, contentType: 'text/html', body: '<p>A proxy in between' }),
      );
      await reload(page);
      await page.getByRole('alert').first().waitFor();
    },
  },
  {
    name: 'rare-no-audit-entries',
    path: '/audit-log',
    prepare: async (page) => {
      await change(page, '/api/v1/audit-entries', { entries: [], nextCursor: null });
      await reload(page);
    },
  },
];
