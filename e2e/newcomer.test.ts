import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import {
  createTestDatabase,
  type TestDatabase,
} from '@holdfast/server/src/platform/database/test-database.ts';
import { administratorName, administratorPassword } from './support/administrator.ts';
import { createComputer } from './support/agent-process.ts';
import { hasBrowser, launchBrowser, openWindow, type Window } from './support/browser.ts';
import { findViolations, openDevice, openPage, setDuration, signIn } from './support/console-pages.ts';
import { createSteps } from './support/console-steps.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { type RunningProcess, signalProcess, stopAllProcesses } from './support/running-process.ts';
import { computersOfAnOffice } from './support/office.ts';
import { until } from './support/until.ts';

// What a newcomer does, with real processes and a real browser. Nothing here reloads a page: what changes on the server has
// to show by itself. On an external database, only what meets that database: the start, a computer that comes, a command,
// and a server that goes away.

const skip = hasBrowser ? false : 'there is no Chromium on this computer';
const images = fileURLToPath(new URL('../docs/images', import.meta.url));
const shallMakeImages = process.env['HOLDFAST_SCREENSHOTS'] === '1';

for (const database of ['embedded', 'external'] as const) {
  describe(`a newcomer, on the ${database} database`, { concurrency: false, skip }, () => {
    let home: Awaited<ReturnType<typeof createHome>>;
    let external: TestDatabase | undefined;
    let holdfast: HoldfastProcess;
    let browser: Browser;
    let window: Window;
    let page: Page;
    let setupLink: string;
    let thisComputer: string;

    before(async () => {
      home = await createHome();
      if (database === 'external') external = await createTestDatabase({ isEmpty: true });
      [holdfast, browser] = await Promise.all([
        startHoldfast({
          home: home.path,
          ...(external === undefined ? {} : { environment: { HOLDFAST_DATABASE_URL: external.url } }),
        }),
        launchBrowser(),
      ]);
      assert.ok(holdfast.setupLink, holdfast.output());
      setupLink = holdfast.setupLink;
      window = await openWindow(browser);
      page = window.page;
      page.setDefaultTimeout(15_000);
    });

    after(async () => {
      await browser?.close();
      await stopAllProcesses();
      await external?.close();
      await home?.remove();
    });

    const step = createSteps(
      () => window,
      () => holdfast.output(),
    );
    const stepOfOne: typeof step = (name, work) => {
      if (database === 'embedded') step(name, work);
    };

    step('the one-time link asks for the first administrator and refuses a weak password', async () => {
      // A link that was cut short is told at once, not after the form has been filled in.
      await page.goto(setupLink.slice(0, -1));
      await page.getByText('This link cannot be used any more').waitFor();
      // Another fragment of the same address alone would load nothing.
      await page.goto(`${holdfast.origin}/sign-in`);
      await page.getByText('This server has no administrator yet').waitFor();
      await page.goto(setupLink);
      assert.equal(new URL(page.url()).hash, '', 'the secret does not stay in the address');
      await page.getByLabel('Sign-in name').fill(administratorName);
      await page.getByLabel('Full name (optional)').fill('Ada Lovelace');
      const create = page.getByRole('button', { name: 'Create administrator and sign in' });
      await page.getByLabel('Password', { exact: true }).fill('password1');
      await page.getByText(/Strength: (far too|too) weak/u).waitFor();
      assert.ok(await create.isDisabled());
      assert.deepEqual(await findViolations(page, 'the set-up page'), []);
      await page.getByLabel('Password', { exact: true }).fill(administratorPassword);
      await page.getByText(/Strength: (very )?good/u).waitFor();
      await create.click();
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      assert.equal(new URL(page.url()).pathname, '/');
    });

    step('the overview counts this computer as online by itself, and leads to it', async () => {
      await page.getByRole('link', { name: /^Online 1 100 %/u }).click({ timeout: 30_000 });
      await page.waitForURL('**/directory?status=online');
    });

    step('this computer is online', async () => {
      const row = page.getByRole('row').filter({ hasText: 'Online' });
      await row.waitFor({ timeout: 30_000 });
      thisComputer = (await row.getByRole('link').first().innerText()).trim();
      assert.notEqual(thisComputer, '');
    });

    stepOfOne('the settings take a quicker heartbeat', async () => {
      await openPage(page, 'Settings');
      await setDuration(page, 'Heartbeat interval', 1);
      await setDuration(page, 'Offline timeout', 2);
      await page.getByText(/^At least \d+ s: three heartbeat intervals/u).waitFor();
      await setDuration(page, 'Offline timeout', 4);
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('The settings are saved.').waitFor();
    });

    stepOfOne('a job runs now before its eyes, and says how it ended', async () => {
      await openPage(page, 'Jobs');
      await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
      await page.getByRole('button', { name: 'Run now: Remove what is old' }).click();
      const row = page.getByRole('row', { name: /^Remove what is old Succeeded/u });
      await row.first().waitFor();
      await row.first().press('Enter');
      await page.getByRole('dialog').getByText('ended sessions', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    });

    step('its page shows its real facts', async () => {
      await openDevice(page, thisComputer);
      for (const fact of ['Kernel', 'Processor', 'Memory', 'Disks', 'Network', 'Agent', 'Running for'])
        await page.getByText(fact, { exact: true }).first().waitFor({ timeout: 30_000 });
      await page.getByText(/seen .*by (UDP|HTTPS) heartbeat/u).waitFor({ timeout: 30_000 });
    });

    stepOfOne('a tag that is typed on its page marks it in the list, and finds it there', async () => {
      await page.getByRole('button', { name: 'Edit tags' }).click();
      await page.getByRole('textbox', { name: 'Find or create a tag' }).fill('front-desk');
      await page.keyboard.press('Enter');
      const chip = page.getByRole('link', { name: 'Show the devices with front-desk' });
      await chip.waitFor();
      await page.keyboard.press('Escape');
      await chip.click();
      await page.waitForURL('**/directory?tag=front-desk');
      await page
        .getByRole('row')
        .filter({ hasText: thisComputer })
        .getByText('front-desk', { exact: true })
        .waitFor();
      assert.deepEqual(await findViolations(page, 'the list by a tag'), []);
      await openDevice(page, thisComputer);
    });

    step('Collect inventory goes from queued to succeeded before its eyes', async () => {
      await page.getByRole('button', { name: 'Collect inventory' }).click();
      await page.getByRole('button', { name: /^Collect inventory on /u }).click();
      await page.waitForURL('**/commands/*');
      // One point of the timeline for each state that it has passed.
      for (const state of ['Queued', 'Delivered', 'Succeeded'])
        await page.getByText(state, { exact: true }).first().waitFor({ timeout: 40_000 });
    });

    stepOfOne('a stopped agent turns offline by itself, and online again', async () => {
      await openDevice(page, thisComputer);
      const agent = holdfast.findProgram('agent');
      assert.ok(agent);
      const heading = page.getByRole('main');
      // Its last sign was a report; with the next heartbeat it learns of the quicker interval, by which silence is measured.
      // A server that has much to do tells up to eight times the interval, and waits as much longer.
      await heading
        .getByText(/by (UDP|HTTPS) heartbeat/u)
        .first()
        .waitFor({ timeout: 180_000 });
      signalProcess(agent, 'SIGSTOP');
      try {
        await heading
          .getByText(/^(Offline|Timed out)$/u)
          .first()
          .waitFor({ timeout: 60_000 });
        await heading.getByText('Offline', { exact: true }).first().waitFor({ timeout: 60_000 });
      } finally {
        signalProcess(agent, 'SIGCONT');
      }
      await heading.getByText('Online', { exact: true }).first().waitFor({ timeout: 60_000 });
    });

    stepOfOne('an agent that is killed is started again, and is online again', async () => {
      const killed = holdfast.findProgram('agent');
      assert.ok(killed);
      signalProcess(killed, 'SIGKILL');
      await until('another agent runs', () => {
        const now = holdfast.findProgram('agent');
        return now === undefined || now === killed ? undefined : now;
      });
      const main = page.getByRole('main');
      await main
        .getByText(/seen (just now|[0-3] s ago)/u)
        .first()
        .waitFor({ timeout: 20_000 });
      await main.getByText('Online', { exact: true }).first().waitFor({ timeout: 20_000 });
    });

    let second: RunningProcess;
    stepOfOne('a second computer joins with a token of the console and appears by itself', async () => {
      await openPage(page, 'Enrolment');
      await page.getByRole('button', { name: 'Create enrolment token' }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name', { exact: true }).fill('Second computer');
      await dialog.getByRole('button', { name: 'Create token' }).click();
      // The first time the server makes the archive of the agent.
      const line = await dialog.getByRole('region', { name: 'line' }).innerText({ timeout: 60_000 });
      const tokenString = /echo '(hf1\.[^']+)'/u.exec(line)?.[1] ?? '';
      await dialog.getByText('Waiting for the device. It appears here by itself.').waitFor();
      assert.deepEqual(await findViolations(page, 'the dialog of a new token'), []);

      const computer = await createComputer({ home: home.path, name: 'second-computer' });
      const joined = await computer.enrol(tokenString);
      assert.equal(joined.code, 0, joined.stderr);
      await dialog.getByRole('link', { name: 'second-computer' }).waitFor({ timeout: 20_000 });
      await dialog.getByText('Joined', { exact: true }).waitFor();
      await dialog.getByRole('button', { name: 'Done' }).click();
      await openPage(page, 'Directory');
      second = computer.run();
      // A list that is being read does not move by itself: it offers the new device.
      const offer = page.getByRole('button', { name: /^Show \d+ new device/u });
      const row = page.getByRole('row').filter({ hasText: 'second-computer' });
      await offer.or(row).first().waitFor({ timeout: 20_000 });
      if (await offer.isVisible()) await offer.click();
      await row.filter({ hasText: 'Online' }).waitFor({ timeout: 20_000 });
      assert.ok(!second.isOver(), second.output());
    });

    step('a used set-up link is refused, and signing out and in works', async () => {
      await page.getByRole('button', { name: /^Account of/u }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.waitForURL('**/sign-in*');
      // The address changes before the page has been loaded.
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      assert.deepEqual(await findViolations(page, 'the sign-in page'), []);
      await page.goto(setupLink);
      await page.getByText('This server is set up already').waitFor();
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL('**/sign-in*');
      await signIn(page);
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      await openPage(page, 'Directory');
      await page.getByRole('row').filter({ hasText: thisComputer }).waitFor();
    });

    // The pages are the same whatever database they come from.
    if (database === 'embedded') {
      for (const scheme of ['light', 'dark'] as const) {
        step(`every main page is accessible in ${scheme} colours`, async () => {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
          const pages = [
            'Directory',
            'Commands',
            'Enrolment',
            'Audit log',
            'Administrators',
            'Sessions',
            'API keys',
            'Settings',
            'Server',
            'Jobs',
          ];
          const violations: string[] = [];
          for (const name of pages) {
            await openPage(page, name);
            // The old page stays until the new one has been loaded.
            const heading = name === 'Directory' ? 'All devices' : name;
            await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
            violations.push(...(await findViolations(page, `${name} in ${scheme}`)));
          }
          await openDevice(page, thisComputer);
          violations.push(...(await findViolations(page, `the device in ${scheme}`)));
          assert.deepEqual(violations, []);
        });
      }

      test('images for the documentation', {
        skip: shallMakeImages ? false : 'only with HOLDFAST_SCREENSHOTS=1',
      }, async () => {
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
        await mkdir(images, { recursive: true });
        await computersOfAnOffice({ home: home.path, origin: holdfast.origin });
        await openPage(page, 'Directory');
        await page.goto(`${holdfast.origin}/directory`);
        await page.getByRole('row').filter({ hasText: 'Online' }).nth(4).waitFor();
        await page.screenshot({ path: join(images, 'directory.png') });
        await openDevice(page, thisComputer);
        await page.screenshot({ path: join(images, 'device.png') });
        await openPage(page, 'Commands');
        await page
          .getByRole('link', { name: /Collect inventory/u })
          .first()
          .waitFor();
        await page.screenshot({ path: join(images, 'commands.png') });
      });
    }

    // One more start of the server is enough for that, and on an external database it is the quicker one.
    if (database === 'external') {
      step(
        'a page that was not opened before waits for a server that is away, and comes by itself',
        async () => {
          await page.evaluate(() => Object.assign(window, { isSamePage: true }));
          assert.equal(await holdfast.stop(), 0, holdfast.output());
          await openPage(page, 'Audit log');
          await page.getByRole('heading', { level: 1, name: 'The server cannot be reached' }).waitFor();
          assert.deepEqual(await findViolations(page, 'a page without its server'), []);
          await page.keyboard.press('?');
          await page.getByText('The server cannot be reached. It is tried again.').waitFor();
          holdfast = await startHoldfast({
            home: home.path,
            port: holdfast.port,
            environment: { HOLDFAST_DATABASE_URL: external?.url ?? '' },
          });
          await page.getByRole('dialog').waitFor({ timeout: 30_000 });
          await page.keyboard.press('Escape');
          await page.getByRole('heading', { level: 1, name: 'Audit log', exact: true }).waitFor();
          await page.getByRole('row').nth(1).waitFor({ timeout: 30_000 });
          assert.deepEqual(await findViolations(page, 'a page that came late'), []);
          const isStyled = await page.evaluate(() =>
            [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].every((link) => {
              try {
                return (link.sheet?.cssRules.length ?? 0) > 0;
              } catch {
                // One that did not come may not be read.
                return false;
              }
            }),
          );
          assert.equal(isStyled, true, 'the styles came too');
          assert.equal(await page.evaluate(() => 'isSamePage' in window), true, 'nothing was reloaded');
        },
      );

      step('a console that was replaced says so, and goes on after a reload', async () => {
        const gone = {
          status: 404,
          contentType: 'application/problem+json',
          body: '{"code":"ROUTE_NOT_FOUND"}',
        };
        await page.route('**/assets/**', async (route) => await route.fulfill(gone));
        await openPage(page, 'Sessions');
        await page.getByRole('heading', { level: 1, name: /^The console was updated/u }).waitFor();
        await page.unroute('**/assets/**');
        await page.getByRole('button', { name: 'Reload' }).click();
        await page.getByRole('heading', { level: 1, name: 'Sessions', exact: true }).waitFor();
        // The page could not be shown, and the browser's log says why.
        for (const fault of window.faults.splice(0)) assert.match(fault, /ConsoleReplacedError/u);
      });
    }

    test('Ctrl-C ends all of it cleanly', async () => {
      const server = holdfast.findProgram('server');
      assert.ok(server);
      assert.equal(await holdfast.stop(), 0, holdfast.output());
      assert.throws(() => process.kill(server, 0), { code: 'ESRCH' });
    });
  });
}
