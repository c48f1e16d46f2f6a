import { parseEnrolmentToken } from '@holdfast/protocol';
import { createComputer } from './computers.ts';
import { drawLogSamples } from './log-samples.ts';
import { forEach } from './parallel.ts';
import type { Random } from './random.ts';
import {
  type ProductServer,
  type ProductTraits,
  type SavedProduct,
  SimulatedProduct,
} from './simulated-product.ts';
import type { Site } from './site.ts';

/** Products that speak at the same time. */
const AT_ONCE = 12;
const COMING_AND_GOING_MS = 7_000;
const LOG_MS = 5_000;

/** The simulated products of a site. */
export class Fleet {
  readonly #server: ProductServer;
  readonly #random: Random;
  /** Those that are to be alive in the end, as they are after another start. */
  readonly #lasting: SimulatedProduct[] = [];
  readonly #all = new Set<SimulatedProduct>();
  readonly #away: SimulatedProduct[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor({ origin, clock, server }: Site, random: Random) {
    // What a product learns from its token and from the server; this process knows it already.
    const { certificate, fingerprint } = server.app.platform.keys.authorities.current;
    this.#server = { origin, clock, authority: { certificate, fingerprint } };
    this.#random = random;
  }

  create(traits: ProductTraits): SimulatedProduct {
    return this.#adopt(new SimulatedProduct(this.#server, traits));
  }

  /** A computer that nobody has said anything about joins with this token, and stays. @returns its name */
  async join(tokenString: string): Promise<string> {
    const computer = createComputer(this.#random, {
      name: `LT-${this.#random.hex(4).toUpperCase()}`,
      platform: 'linux',
    });
    const product = this.create({ computer, transport: 'udp', manner: 'obedient' });
    await product.register(parseEnrolmentToken(tokenString));
    if (product.productNumber > 0) await this.enliven([product]);
    return computer.name;
  }

  async register(products: readonly SimulatedProduct[], tokenString: string): Promise<void> {
    const token = parseEnrolmentToken(tokenString);
    await forEach(products, AT_ONCE, async (product) => await product.register(token));
  }

  /** A handshake, a heartbeat and an inventory of each. */
  async connect(products: readonly SimulatedProduct[]): Promise<void> {
    await forEach(products, AT_ONCE, async (product) => {
      await product.connect();
      await product.beat();
      await product.putInventory();
    });
  }

  /** They connect and go on living. */
  async enliven(products: readonly SimulatedProduct[]): Promise<void> {
    this.#lasting.push(...products);
    await this.connect(products);
    for (const product of products) product.start(this.#random.integer(15_000));
  }

  /** Now and then one goes away without a word or with a goodbye, another one comes back, and somebody has something to log. */
  startTraffic(): void {
    const every = (ms: number, work: () => Promise<void>): void => {
      // What fails has met a product that is busy with something else; the next turn comes soon.
      this.#timers.push(setInterval(() => void work().catch(() => undefined), ms));
    };
    every(COMING_AND_GOING_MS, async () => {
      const leaving = this.#pickLive();
      if (leaving === undefined) return;
      this.#away.push(leaving);
      if (this.#random.next() < 0.5) leaving.fallSilent();
      else await leaving.sayGoodbye();
      if (this.#away.length > 4) this.#away.shift()?.start();
    });
    every(LOG_MS, async () => await this.#pickLive()?.log(drawLogSamples(this.#random, 1)));
  }

  /** What `restore` brings back. */
  save(): readonly SavedProduct[] {
    return this.#lasting.map((product) => product.save());
  }

  async restore(saved: readonly SavedProduct[]): Promise<void> {
    const products = saved.map((one) => this.#adopt(new SimulatedProduct(this.#server, one.traits, one)));
    await this.enliven(products);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const product of this.#all) product.fallSilent();
  }

  #adopt(product: SimulatedProduct): SimulatedProduct {
    this.#all.add(product);
    return product;
  }

  /** One that lives and is nothing out of the ordinary. */
  #pickLive(): SimulatedProduct | undefined {
    const live = this.#lasting.filter(
      ({ isLive, traits }) =>
        isLive &&
        traits.manner === 'obedient' &&
        traits.isServiceStopped !== true &&
        traits.troubles === undefined,
    );
    return live.length === 0 ? undefined : this.#random.pick(live);
  }
}
