import type { Clock } from '@holdfast/kernel';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { RegistrationError } from './registration.errors.ts';
import { REFUSED_RETRY_MS, retryAfterMsFor } from './retry-pace.ts';
import {
  countCopies,
  countStrangers,
  countWaiting,
  deleteRefusedStrangers,
  deleteSilentStrangers,
  deleteStaleWaiting,
  deleteWaiting,
  insertWaiting,
  keepRefusedStrangers,
  listWaitingKeys,
  lockWaitingList,
  lockWaitingOfKey,
  refuseWaiting,
  updateWaiting,
} from './waiting.store.ts';
import type { WaitingEntry } from './waiting-entry.ts';

export type WaitingListPlatform = Pick<Platform, 'database' | 'clock' | 'live' | 'createId' | 'recordEvents'>;

/** A product that arrives and has to wait. */
export type Arrival = Pick<
  WaitingEntry,
  'kind' | 'keyThumbprint' | 'publicJwk' | 'request' | 'tokenId' | 'former' | 'remoteAddress'
>;

/** How many may wait in all: enough for a lost database, but only with receipts, which strangers do not have. */
const MAX_APPROVALS = 10_000;
/** A receipt can be copied, like a key: it is good for this many places and no more. */
const MAX_COPIES_OF_ONE = 50;
const MAX_STRANGERS = 1_000;
const MAX_STRANGERS_PER_NETWORK = 50;
const STALE_MS = 30 * 86_400_000;
/** A refused stranger is remembered so that it does not come back into the list at once, and takes nobody's place. */
const MAX_REFUSED_STRANGERS = 1_000;
const REFUSED_STRANGER_MS = 7 * 86_400_000;
/** Whoever waits asks again within a quarter of an hour: when all places are taken, those silent for longer give way. */
const SILENT_STRANGER_MS = 3_600_000;
/** An entry is written again at most this often: products that ask every half minute write little. */
const REWRITE_MS = 60_000;

/** Who waits for an administrator. Bounded, so that nobody can fill the disk by asking. */
export class WaitingListService {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #platform: WaitingListPlatform;

  constructor({ platform }: { readonly platform: WaitingListPlatform }) {
    this.#platform = platform;
    this.#db = platform.database;
    this.#clock = platform.clock;
  }

  /** Of these keys, those that stand on the waiting list. */
  async listKeys(transaction: Transaction, keyThumbprints: readonly string[]): Promise<ReadonlySet<string>> {
    return await listWaitingKeys(transaction, keyThumbprints);
  }

  /** The entry of a key, for whoever decides what its arrival means. */
  async findOfKey(transaction: Transaction, keyThumbprint: string): Promise<WaitingEntry | undefined> {
    return await lockWaitingOfKey(transaction, keyThumbprint);
  }

  /**
   * Writes down a product that needs approval.
   *
   * @throws RegistrationError WAITING_LIST_FULL
   */
  async admitToApproval(transaction: Transaction, arrival: Arrival): Promise<void> {
    await lockWaitingList(transaction);
    if ((await countWaiting(transaction)) >= MAX_APPROVALS) {
      throw createListFull();
    }
    await this.#insert(transaction, arrival);
  }

  /**
   * Writes down a copy that asks for a record of its own.
   *
   * @throws RegistrationError WAITING_LIST_FULL
   */
  async admitCopy(transaction: Transaction, arrival: Arrival): Promise<void> {
    await lockWaitingList(transaction);
    const ofOriginal =
      arrival.former === null ? 0 : await countCopies(transaction, arrival.former.productNumber);
    if (ofOriginal >= MAX_COPIES_OF_ONE || (await countWaiting(transaction)) >= MAX_APPROVALS) {
      throw createListFull();
    }
    await this.#insert(transaction, arrival);
  }

  /**
   * Remembers a product that this server does not know. It is not an error when there is no room for it: the product
   * asks again anyway.
   *
   * @returns when it should ask again
   */
  async rememberUnknown(arrival: Arrival): Promise<number> {
    let isNew = false;
    const retryAfterMs = await inTransaction(this.#db, async (transaction) => {
      isNew = false;
      // One after the other, also for one key: two arrivals at once become one entry.
      await lockWaitingList(transaction);
      const entry = await lockWaitingOfKey(transaction, arrival.keyThumbprint);
      if (entry?.state === 'refused') return REFUSED_RETRY_MS;
      if (entry !== undefined) await this.#refresh(transaction, entry, arrival);
      else if (
        arrival.former !== null ||
        (await this.#hasRoomForStranger(transaction, arrival.remoteAddress))
      ) {
        await this.#insert(transaction, arrival);
        isNew = true;
      }
      return retryAfterMsFor(await countWaiting(transaction));
    });
    if (isNew) await this.announce();
    return retryAfterMs;
  }

  /** The same product with the same request again. */
  async refresh(transaction: Transaction, entry: WaitingEntry, arrival: Arrival): Promise<void> {
    await this.#refresh(transaction, entry, arrival);
  }

  /** The product has its record now, whichever way it got it. @returns true when it was waiting */
  async forget(transaction: Transaction, keyThumbprint: string): Promise<boolean> {
    return await deleteWaiting(transaction, keyThumbprint);
  }

  /** An administrator said no: the product leaves the list and is told so when it asks again. */
  async refuse(transaction: Transaction, id: string): Promise<void> {
    await refuseWaiting(transaction, id);
    await keepRefusedStrangers(transaction, MAX_REFUSED_STRANGERS);
  }

  async retryAfterMs(): Promise<number> {
    return retryAfterMsFor(await countWaiting(this.#db));
  }

  /** @returns how many were forgotten */
  async forgetStale(now: Date): Promise<number> {
    const refused = await deleteRefusedStrangers(this.#db, new Date(now.getTime() - REFUSED_STRANGER_MS));
    const gone = await deleteStaleWaiting(this.#db, new Date(now.getTime() - STALE_MS));
    if (gone > 0) await this.announce();
    return refused + gone;
  }

  /** Tells those who see the whole directory how many wait; a part of it would be told a number of others. */
  async announce(): Promise<void> {
    this.#platform.live.tell({
      event: { type: 'waiting-registrations', count: await countWaiting(this.#db) },
      permission: 'directory:read',
      groupPath: [TOP_GROUP_ID],
    });
  }

  async #refresh(transaction: Transaction, entry: WaitingEntry, arrival: Arrival): Promise<void> {
    const now = new Date(this.#clock.now());
    const isRecent = now.getTime() - entry.lastSeenAt.getTime() < REWRITE_MS;
    const isSame =
      JSON.stringify([entry.request, entry.former]) === JSON.stringify([arrival.request, arrival.former]);
    if (isRecent && isSame) return;
    // Its place counts for the network that it first came from; coming from another one does not free it.
    await updateWaiting(transaction, entry.id, {
      ...arrival,
      remoteAddress: isStranger(entry) ? entry.remoteAddress : arrival.remoteAddress,
      lastSeenAt: now,
    });
  }

  async #insert(transaction: Transaction, arrival: Arrival): Promise<void> {
    const now = new Date(this.#clock.now());
    const id = this.#platform.createId();
    await insertWaiting(transaction, { ...arrival, id, firstSeenAt: now, lastSeenAt: now });
    const { kind, remoteAddress, request } = arrival;
    await this.#platform.recordEvents(transaction, {
      type: 'registration.waiting',
      objectId: id,
      data: { deviceName: request.device.name, kind, remoteAddress },
    });
  }

  async #hasRoomForStranger(transaction: Transaction, remoteAddress: string): Promise<boolean> {
    const hasRoom = async (): Promise<boolean> => {
      const { total, fromNetwork } = await countStrangers(transaction, remoteAddress);
      return total < MAX_STRANGERS && fromNetwork < MAX_STRANGERS_PER_NETWORK;
    };
    if (await hasRoom()) return true;
    const silentSince = new Date(this.#clock.now() - SILENT_STRANGER_MS);
    return (await deleteSilentStrangers(transaction, silentSince)) > 0 && (await hasRoom());
  }
}

function isStranger(entry: Pick<WaitingEntry, 'kind' | 'former'>): boolean {
  return entry.kind === 're-admission' && entry.former === null;
}

function createListFull(): RegistrationError {
  return new RegistrationError('WAITING_LIST_FULL', 'Too many devices wait for approval already.', {
    retry: 'safe',
    remedy: 'Try again later, when an administrator has worked through the list.',
  });
}
