import { until } from '../e2e/support/until.ts';
import type { Fleet } from './fleet.ts';
import type { Places } from './organisation.ts';
import type { People } from './people.ts';
import type { Random } from './random.ts';
import type { Roster } from './roster.ts';
import type { SimulatedProduct } from './simulated-product.ts';
import type { Site } from './site.ts';

/** A server that has much to do asks for longer intervals, and notices silence later. */
export const patienceMs = 120_000;

/** What the chapters of the past share. */
export interface Scene {
  readonly site: Site;
  readonly people: People;
  readonly fleet: Fleet;
  readonly roster: Roster;
  readonly random: Random;
  readonly places: Places;
}

export function idsOf(products: readonly SimulatedProduct[]): string[] {
  return products.map(({ deviceId }) => deviceId);
}

/** They go away without a word; returns when the server has given them up. */
export async function loseSight(
  { site }: Pick<Scene, 'site'>,
  products: readonly SimulatedProduct[],
): Promise<void> {
  const { presence } = site.server.app.modules;
  for (const product of products) product.fallSilent();
  await until(
    'the server has noticed who is silent',
    () =>
      products.every(({ productNumber }) => presence.currentPresence(productNumber).status === 'offline') ||
      undefined,
    patienceMs,
  );
}
