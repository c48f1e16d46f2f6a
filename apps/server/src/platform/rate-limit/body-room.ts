import type { Clock } from '@holdfast/kernel';

export interface BodyRoomSettings {
  readonly maxBytes: number;
  /** How long a body may be on its way before it gives up its place to another when there is no room. */
  readonly patienceMs: number;
}

/** What one body holds of the room. */
export interface BodyPlace {
  /** All of it is here: it is worked off in its turn, and nobody takes its place. */
  arrived(): void;
  /** Later calls do nothing. */
  leave(): void;
}

/**
 * A bounded number of bytes for bodies that are on their way or wait for their turn. Nobody waits for room. Bodies that
 * arrive slowly cannot keep it from others: when it is full, the one that has been on its way longest ends, if that is
 * longer than a body takes that anybody means to send.
 */
export class BodyRoom {
  readonly #settings: BodyRoomSettings;
  readonly #clock: Clock;
  /** Those still on their way, oldest first, with what ends them. */
  readonly #arriving = new Map<BodyPlace, { readonly sinceMs: number; readonly end: () => void }>();
  #heldBytes = 0;

  constructor(settings: BodyRoomSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * @param end called when somebody else needs the room; it is free afterwards, whatever this does
   * @returns undefined when there is no room
   */
  enter(bytes: number, end: () => void): BodyPlace | undefined {
    while (this.#heldBytes + bytes > this.#settings.maxBytes) if (!this.#endSlowest()) return undefined;
    this.#heldBytes += bytes;
    let isHeld = true;
    const place: BodyPlace = {
      arrived: () => this.#arriving.delete(place),
      leave: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#arriving.delete(place);
        this.#heldBytes -= bytes;
      },
    };
    this.#arriving.set(place, { sinceMs: this.#clock.monotonic(), end });
    return place;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  #endSlowest(): boolean {
    const [slowest] = this.#arriving;
    if (slowest === undefined) return false;
    const [place, { sinceMs, end }] = slowest;
    if (this.#clock.monotonic() - sinceMs <= this.#settings.patienceMs) return false;
    end();
    place.leave();
    return true;
  }
}
