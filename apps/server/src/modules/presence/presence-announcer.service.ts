import type { Database } from '../../platform/database/database.ts';
import type { LiveViews } from '../../platform/live/live-views.ts';
import type { PresenceEngine } from './presence-engine.ts';
import { listProductPlaces } from './presence.store.ts';

/** With more changes at once than this, open views are told to reload instead: they show a page, not the fleet. */
const MAX_EVENTS_AT_ONCE = 500;

/** Tells open views which devices changed their status, each to those who may see the device. */
export class PresenceAnnouncer {
  readonly #db: Database;
  readonly #live: LiveViews;
  readonly #engine: PresenceEngine;

  constructor(db: Database, live: LiveViews, engine: PresenceEngine) {
    this.#db = db;
    this.#live = live;
    this.#engine = engine;
  }

  async announce(): Promise<void> {
    const numbers = this.#engine.unannounced.take(Number.POSITIVE_INFINITY);
    if (numbers.length === 0) return;
    if (numbers.length > MAX_EVENTS_AT_ONCE) {
      this.#live.tell({ event: { type: 'refresh' }, permission: 'directory:read' });
      return;
    }
    try {
      for (const place of await listProductPlaces(this.#db, numbers)) {
        this.#live.tell({
          event: {
            type: 'presence',
            deviceId: place.deviceId,
            productNumber: place.productNumber,
            presence: this.#engine.current(place.productNumber),
          },
          permission: 'directory:read',
          groupPath: place.groupPath,
        });
      }
    } catch (error) {
      for (const number of numbers) this.#engine.unannounced.add(number);
      throw error;
    }
  }
}
