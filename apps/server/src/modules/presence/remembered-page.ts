import {
  type PresenceReason,
  type PresenceStatus,
  presenceReasons,
  presenceStatuses,
  type Transport,
} from '@holdfast/api';
import { type Activity, type ActivityName, activityItems, type ServiceState } from '@holdfast/protocol';
import type { RememberedPresence } from './remembered-presence.ts';
import { serviceStates } from './presence-table.ts';

// Tab and line feed occur in no field: names are of closed sets, and JSON escapes both.
const TAB = 9;
const ZERO = 48;

const activityNames = Object.keys(activityItems) as readonly ActivityName[];
const statuses: ReadonlyMap<string, PresenceStatus> = mapOf(presenceStatuses);
const reasons: ReadonlyMap<string, PresenceReason> = mapOf(presenceReasons);
const states: ReadonlyMap<string, ServiceState> = mapOf(serviceStates);
const transports: ReadonlyMap<string, Transport> = mapOf(['udp-acknowledged', 'udp', 'https', 'unknown']);

/**
 * Reads a page of products as the database writes it: a line for each, its fields between tabs. They are the number,
 * state, transport and epoch of the product, when it was last seen and last changed (milliseconds, 0 for never), and
 * unless nothing is remembered of it the epoch and sequence of its last heartbeat, the interval it was told, status,
 * reason, state of its service, and activity as JSON.
 *
 * @throws RangeError for a page of another form
 */
export function decodeRememberedPage(
  page: string,
  onProduct: (remembered: RememberedPresence) => void,
): void {
  const line = new LineReader(page);
  while (line.begin()) {
    const productNumber = line.readInteger();
    const isDisabled = line.readText() === 'disabled';
    const transport = transports.get(line.readText()) ?? 'unknown';
    const epoch = line.readInteger();
    const lastSeenAtMs = line.readInteger() || undefined;
    const changedAtMs = line.readInteger() || undefined;
    const isRemembered = !line.isAtEnd;
    // A handshake is on disk at once, the sequence a second later: one of an older epoch says nothing about the new.
    const isOfEpoch = isRemembered && line.readInteger() === epoch;
    const sequence = isRemembered ? line.readInteger() : 0;
    onProduct({
      productNumber,
      isDisabled,
      epoch,
      transport,
      lastSeenAtMs,
      changedAtMs,
      lastSequence: isOfEpoch ? sequence : 0,
      intervalMs: isRemembered ? line.readInteger() : 0,
      status: (isRemembered ? statuses.get(line.readText()) : undefined) ?? 'offline',
      reason: (isRemembered ? reasons.get(line.readText()) : undefined) ?? 'never-seen',
      serviceState: (isRemembered ? states.get(line.readText()) : undefined) ?? 'unknown',
      activity: isRemembered ? parseActivity(line.readText()) : {},
    });
    line.assertAtEnd();
  }
}

/** Walks over a page once, without cutting it into lines first. */
class LineReader {
  readonly #page: string;
  #place = 0;
  #end = -1;

  constructor(page: string) {
    this.#page = page;
  }

  /** Goes to the next line; false when there is none. */
  begin(): boolean {
    this.#place = this.#end + 1;
    if (this.#place >= this.#page.length) return false;
    const end = this.#page.indexOf('\n', this.#place);
    this.#end = end === -1 ? this.#page.length : end;
    return true;
  }

  get isAtEnd(): boolean {
    return this.#place > this.#end;
  }

  assertAtEnd(): void {
    if (!this.isAtEnd)
      throw new RangeError(`"page" has a line with more fields than expected at ${this.#place}`);
  }

  readInteger(): number {
    const first = this.#place;
    let value = 0;
    for (; this.#place < this.#end; this.#place += 1) {
      const code = this.#page.charCodeAt(this.#place);
      if (code === TAB) break;
      const digit = code - ZERO;
      if (!(digit >= 0 && digit <= 9)) throw new RangeError(`"page" expected a digit at ${this.#place}`);
      value = value * 10 + digit;
    }
    if (this.#place === first) throw new RangeError(`"page" expected a number at ${first}`);
    this.#place += 1;
    return value;
  }

  readText(): string {
    const first = this.#place;
    if (first > this.#end)
      throw new RangeError(`"page" has a line with fewer fields than expected at ${first}`);
    const tab = this.#page.indexOf('\t', first);
    const last = tab === -1 || tab > this.#end ? this.#end : tab;
    this.#place = last + 1;
    return this.#page.slice(first, last);
  }
}

function parseActivity(text: string): Activity {
  const activity: Activity = {};
  if (text === '{}') return activity;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return activity;
  // Every member is checked below; a copy of it would be the dearest step of a start.
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of activityNames) {
    const number = members[name];
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) activity[name] = number;
  }
  return activity;
}

function mapOf<Name extends string>(names: readonly Name[]): ReadonlyMap<string, Name> {
  return new Map(names.map((name) => [name, name]));
}
