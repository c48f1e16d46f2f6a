import { deploy, followReleases, plan, subscribe } from './chapters/components.ts';
import { found, rollOut } from './chapters/founding.ts';
import { joinPart, lose, settleIn, work } from './chapters/growth.ts';
import { askForApproval, comeTogether, invite, type Links, order, queue } from './chapters/present.ts';
import { callOthers, tidyUp } from './chapters/trouble.ts';
import type { Fleet } from './fleet.ts';
import { People } from './people.ts';
import { createRandom } from './random.ts';
import type { Publisher } from './publisher.ts';
import type { Receivers } from './receivers.ts';
import type { registerReportJobs } from './report-jobs.ts';
import { createRoster } from './roster.ts';
import type { Scene } from './scene.ts';
import type { Site } from './site.ts';

export interface SeedParts {
  readonly site: Site;
  /** An empty one. */
  readonly fleet: Fleet;
  readonly receivers: Receivers;
  readonly reports: ReturnType<typeof registerReportJobs>;
  /** How many products, about. */
  readonly products: number;
  readonly onProgress?: (text: string) => void;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SEED = 20_261_122;

/**
 * Gives a new server an organisation with a past of thirty days. All of it comes through the interfaces that everybody has: the HTTP API for
 * people, the protocol for products. What only time makes (tokens and commands that have expired, silence of days) is made by a clock
 * that lags behind and leaps forward from one chapter to the next. Nothing is written into the database but jobs of a kind of its own.
 */
export async function seed(parts: SeedParts): Promise<Links> {
  const { site, fleet, receivers, reports, onProgress = () => {} } = parts;
  const random = createRandom(SEED);
  const people = new People(site.origin);
  const chapter = async (title: string, behindMs: number, tell: () => Promise<void>): Promise<void> => {
    onProgress(title);
    people.forgetSessions();
    site.clock.goTo(behindMs);
    await tell();
  };
  site.clock.goTo(30 * DAY_MS);
  onProgress('Founding the organisation');
  const places = await found(site, people);
  const scene: Scene = {
    site,
    people,
    fleet,
    random,
    places,
    roster: createRoster(fleet, random, parts.products),
  };
  const { silence } = await rollOut(scene);
  await joinPart(scene, 0);
  await Promise.all([work(scene), silence]);
  let publisher: Publisher | undefined;
  await chapter('More computers', 12 * DAY_MS, async () => {
    publisher = await subscribe(scene);
    await joinPart(scene, 1);
    await Promise.all([lose(scene, 1), settleIn(scene)]);
  });
  await chapter('Tidying up', 2 * DAY_MS, async () => {
    if (publisher !== undefined) await followReleases(scene, publisher);
    await joinPart(scene, 2);
    await Promise.all([lose(scene, 2), tidyUp(scene), work(scene)]);
  });
  await chapter('Webhooks', 3 * HOUR_MS, async () => {
    await callOthers(scene, receivers);
    await plan(scene);
  });
  let links: Links | undefined;
  await chapter('The present', 0, async () => {
    await comeTogether(scene);
    await askForApproval(scene);
    if (publisher !== undefined) await deploy(scene, publisher);
    await order(scene);
    await queue(scene, reports);
    links = await invite(scene);
  });
  people.forgetSessions();
  if (links === undefined) throw new Error('The seed has no end');
  return links;
}
