/**
 * `npm run dev`: a server with its own database in a temporary home, a fleet of simulated products that lives, and the console with
 * live reload (docs/contributing.md). A parent with a channel (apps/console/dev/look.ts) is told what is ready, and may have a
 * computer join: `{ "join": "<enrolment token>" }`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fleet } from './fleet.ts';
import { People, signInWith } from './people.ts';
import { createRandom } from './random.ts';
import { openReceivers } from './receivers.ts';
import { registerReportJobs } from './report-jobs.ts';
import { seed } from './seed.ts';
import type { SavedProduct } from './simulated-product.ts';
import { openSite, type Site } from './site.ts';

const { values } = parseArgs({
  options: {
    /** A folder that stays: the same fleet is there the next time. */
    keep: { type: 'string' },
    products: { type: 'string', default: '300' },
    /** `seeded`; `empty`: an administrator and nothing else; `new`: not even that. */
    scenario: { type: 'string', default: 'seeded' },
    port: { type: 'string', default: '4170' },
    /** A folder with a built console, which the server itself serves, in the place of live reload. */
    console: { type: 'string' },
  },
});

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
process.on('disconnect', () => stopping.abort());
const isWatched = process.send !== undefined;

function say(text: string): void {
  if (!isWatched) process.stdout.write(`${performance.now().toFixed(0).padStart(6)} ms  ${text}\n`);
}

/** Everything that is set up, told to a parent as it stands. */
interface Ready {
  readonly origin: string;
  readonly signIn: typeof signInWith | null;
  readonly links: Readonly<Record<string, string>>;
}

const endings: (() => unknown)[] = [];
try {
  const site = await openSite({
    home: values.keep,
    consoleFolder: values.console,
    onProgress: say,
    onWarning: (text) => {
      if (!isWatched) process.stderr.write(text);
    },
    onFatal: (error) => {
      process.stderr.write(`${String(error)}\n`);
      stopping.abort();
    },
    signal: stopping.signal,
  });
  endings.push(() => site.close());
  const fleet = new Fleet(site, createRandom(1));
  endings.push(() => fleet.stop());
  const links = await Promise.race([populate(site, fleet), ended()]);
  process.on('message', ({ join: token }: { readonly join?: string }) => {
    if (token !== undefined) fleet.join(token).catch((error: unknown) => console.error(error));
  });
  const origin = values.console === undefined ? await serveConsole(site) : site.origin;
  tell({ origin, signIn: values.scenario === 'new' ? null : signInWith, links });
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error);
    process.exitCode = 1;
  }
} finally {
  for (const end of endings.toReversed()) await end();
}
// Whatever a client or a server library still keeps has nobody to serve.
process.exit();

/** Rejects when somebody ends this. */
async function ended(): Promise<never> {
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  throw new Error('ended before it was ready');
}

/** @returns addresses that are others each time */
async function populate(site: Site, fleet: Fleet): Promise<Ready['links']> {
  const { modules, platform } = site.server.app;
  const reports = registerReportJobs(platform, stopping.signal);
  if (values.scenario !== 'seeded') {
    const setup = (await modules.createSetupLink())?.address ?? '';
    if (values.scenario === 'new') return { setup };
    const people = new People(site.origin);
    await people.setUp(setup);
    people.forgetSessions();
    return {};
  }
  const receivers = await openReceivers();
  endings.push(() => receivers.close());
  const kept = join(site.home, 'fleet.json');
  if (existsSync(kept)) {
    await fleet.restore(JSON.parse(await readFile(kept, 'utf8')) as SavedProduct[]);
    fleet.startTraffic();
    return {};
  }
  const products = Number(values.products);
  const links = await seed({ site, fleet, receivers, reports, products, onProgress: say });
  // It holds the keys of products that exist in this home only.
  await writeFile(kept, JSON.stringify(fleet.save()), { mode: 0o600 });
  fleet.startTraffic();
  return { ...links };
}

/** With live reload, and everything else from the server. @returns its address */
async function serveConsole(site: Site): Promise<string> {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const vite = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vite/bin/vite.js'),
      '--port',
      values.port,
      '--clearScreen',
      'false',
      '--logLevel',
      'warn',
    ],
    {
      cwd: join(root, 'apps/console'),
      env: { ...process.env, HOLDFAST_API: site.origin },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  vite.once('exit', () => stopping.abort());
  endings.push(async () => {
    if (vite.exitCode === null && vite.kill()) await once(vite, 'exit');
  });
  return `http://localhost:${values.port}`;
}

function tell(ready: Ready): void {
  if (process.send !== undefined) {
    if (process.connected) process.send({ ready });
    return;
  }
  const how =
    ready.signIn === null
      ? `Set it up: ${ready.origin}${new URL(ready.links['setup'] ?? '').pathname}${new URL(ready.links['setup'] ?? '').hash}`
      : `Sign in as ${ready.signIn.name}, m.tamm, auditor or j.silva with: ${ready.signIn.password}`;
  say(`Ready at ${ready.origin}\n\n  ${how}\n\n  Ctrl-C ends everything.`);
}
