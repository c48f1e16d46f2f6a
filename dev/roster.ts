import {
  createComputer,
  createComputers,
  createContainer,
  createStorageHost,
  type Computer,
} from './computers.ts';
import type { Fleet } from './fleet.ts';
import type { Random } from './random.ts';
import type { Manner, ProductTraits, SimulatedProduct } from './simulated-product.ts';

type Products = readonly SimulatedProduct[];

/** Who is in the fleet, and what is to become of them. */
export interface Roster {
  /** Join one third after the other, and live. */
  readonly thirds: readonly [Products, Products, Products];
  /** Join first, live, and get commands all along. */
  readonly workers: Products;
  /** Heard last in the first, the second and the third part of the past. */
  readonly lost: readonly [Products, Products, Products];
  readonly neverHeard: Products;
  /** Silent for a while, of a group that is patient with silence. */
  readonly timedOut: Products;
  /** Of a group in its idle hours. */
  readonly kiosks: Products;
  readonly disabled: Products;
  readonly removed: Products;
  /** Go into the recycle bin with their group. */
  readonly removedWithGroup: Products;
  /** Removed for good, and comes back. */
  readonly purged: SimulatedProduct;
  /** Live, and something is wrong with them. */
  readonly troubled: Products;
  /** Set up anew: its old record, silent since, and that of today. */
  readonly before: SimulatedProduct;
  readonly after: SimulatedProduct;
  /** Show one hardware, and are two systems. */
  readonly host: SimulatedProduct;
  readonly container: SimulatedProduct;
  /** Its disk was copied onto another computer. */
  readonly copied: SimulatedProduct;
  readonly waiting: Products;
  readonly stranger: SimulatedProduct;
}

const manners: readonly Manner[] = [
  ...(['failing', 'accepting', 'lingering', 'ignoring', 'failing'] as const),
  ...Array.from({ length: 9 }, () => 'obedient' as const),
];

/** So many have a part of their own; the others just live. */
export const smallestFleet = 120;

export function createRoster(fleet: Fleet, random: Random, count: number): Roster {
  const computers = createComputers(random, Math.max(count, smallestFleet));
  let taken = 0;
  const create = (computer: Computer, traits: Partial<ProductTraits> = {}): SimulatedProduct =>
    fleet.create({ computer, transport: drawTransport(random), manner: 'obedient', ...traits });
  const take = (number: number, traits?: Partial<ProductTraits>): Products =>
    computers.slice(taken, (taken += number)).map((computer) => create(computer, traits));
  const one = (traits?: Partial<ProductTraits>): SimulatedProduct => take(1, traits)[0] as SimulatedProduct;

  const workers = manners.map((manner) => one({ manner, transport: 'udp' }));
  const lost = [take(8), take(6), take(6)] as const;
  const named = (name: string): Computer => createComputer(random, { name, platform: 'windows' });
  const before = create(named('WS-REINSTALLED-01'), { transport: 'udp' });
  const hostComputer = createComputer(random, { name: 'runners.example.net', platform: 'linux' });
  const host = create({ ...hostComputer, installationId: `system-${random.hex(16)}` });
  const special = {
    workers,
    lost,
    neverHeard: take(4),
    timedOut: take(6),
    kiosks: take(8),
    disabled: take(3),
    removed: take(4),
    removedWithGroup: take(3),
    purged: one(),
    troubled: [
      ...take(3, { isServiceStopped: true }),
      ...take(1, { troubles: ['logs-refused'] }),
      create(createStorageHost(random), { troubles: ['disk-full', 'inventory-refused'] }),
    ],
    before,
    after: create(before.traits.computer, { transport: 'udp' }),
    host,
    container: create(createContainer(host.traits.computer, random)),
    copied: create(named('NB-COPIED-01'), { transport: 'https' }),
    waiting: take(3),
    stranger: one(),
  };
  const twoOfOneName = ['RECEPTION', 'RECEPTION'].map((name) =>
    create(createComputer(random, { name, platform: 'windows', disks: ['encrypted', 'not-encrypted'] })),
  );
  const rest = [...take(computers.length - taken), ...twoOfOneName];
  const third = Math.ceil(rest.length / 3);
  return {
    ...special,
    thirds: [rest.slice(0, third), rest.slice(third, 2 * third), rest.slice(2 * third)],
  };
}

function drawTransport(random: Random): ProductTraits['transport'] {
  return random.next() < 0.85 ? 'udp' : 'https';
}
