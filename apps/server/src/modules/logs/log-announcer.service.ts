import { logSeverities } from '@holdfast/api';
import type { Database } from '../../platform/database/index.ts';
import type { LiveViews } from '../../platform/live/live-views.ts';
import { findPlaces, type ProductPlace } from './log-places.store.ts';

/** So many devices are told one by one in a turn; of the others only that there is something. */
const MAX_PRODUCTS_PER_TURN = 200;

interface Noted {
  readonly count: number;
  readonly highest: number;
}

/**
 * Tells open views that entries came. They gather here and go out in turns, so that a storm of batches costs a few events a
 * second.
 */
export class LogAnnouncer {
  readonly #database: Database;
  readonly #live: LiveViews;
  #noted = new Map<number, Noted>();
  #hasMore = false;

  constructor(database: Database, live: LiveViews) {
    this.#database = database;
    this.#live = live;
  }

  /** After the commit. @param severities of the entries, as their places in the list */
  note(productNumber: number, severities: readonly number[]): void {
    if (severities.length === 0) return;
    const known = this.#noted.get(productNumber);
    if (known === undefined && this.#noted.size >= MAX_PRODUCTS_PER_TURN) {
      this.#hasMore = true;
      return;
    }
    this.#noted.set(productNumber, {
      count: (known?.count ?? 0) + severities.length,
      highest: Math.max(known?.highest ?? 0, ...severities),
    });
  }

  /** One turn: what was noted since the last. */
  async announce(): Promise<void> {
    const noted = this.#noted;
    const hasMore = this.#hasMore;
    if (noted.size === 0) return;
    this.#noted = new Map();
    this.#hasMore = false;
    for (const place of await this.#findPlaces(noted, hasMore)) {
      const { count = 0, highest = 0 } = noted.get(place.productNumber) ?? {};
      this.#live.tell({
        event: {
          type: 'logs',
          deviceId: place.deviceId,
          count,
          highestSeverity: logSeverities[highest] ?? 'debug',
        },
        permission: 'logs:read',
        groupPath: place.groupPath,
      });
    }
    // It names nothing, so everybody who reads logs may hear it and asks again for what they may see.
    if (hasMore)
      this.#live.tell({
        event: { type: 'logs', deviceId: null, count: null, highestSeverity: null },
        permission: 'logs:read',
      });
  }

  /** When the database does not answer, what was noted waits for the next turn. */
  async #findPlaces(noted: ReadonlyMap<number, Noted>, hasMore: boolean): Promise<ProductPlace[]> {
    try {
      return await findPlaces(this.#database, [...noted.keys()]);
    } catch (error) {
      for (const [productNumber, { count, highest }] of noted) {
        const later = this.#noted.get(productNumber);
        this.#noted.set(productNumber, {
          count: count + (later?.count ?? 0),
          highest: Math.max(highest, later?.highest ?? 0),
        });
      }
      this.#hasMore ||= hasMore;
      throw error;
    }
  }
}
