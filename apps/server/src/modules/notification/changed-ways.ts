import type { EffectiveCommunication } from '@holdfast/api';
import type { ProfileAssignment, ProfileTarget } from '../communication/index.ts';

export interface ChangedWaysParts {
  /** Whoever goes by all of the profiles. */
  readonly target: ProfileTarget;
  readonly isKnown: (productNumber: number) => boolean;
  readonly wantHandshakes: (productNumbers: readonly number[]) => void;
  readonly dropHandshakeWish: (productNumber: number) => void;
}

/** Before the first profiles are known. */
const UNKNOWN = 0;
const MAX_WAYS = 65_535;
const MIN_GROWTH = 1_024;

/**
 * Notices whose mode, transport or listener is another one than at its handshake, because a group was changed or the product
 * moved, and asks for a new handshake. Passes everything on.
 */
export class ChangedWays implements ProfileTarget {
  readonly #parts: ChangedWaysParts;
  readonly #numbers = new Map<string, number>();
  #profileWays: number[] = [];
  /** What held at the handshake of each product. */
  #settled = new Uint16Array(MIN_GROWTH);
  /** What holds now. */
  #present = new Uint16Array(MIN_GROWTH);
  #top = UNKNOWN;

  constructor(parts: ChangedWaysParts) {
    this.#parts = parts;
  }

  addProfiles(profiles: readonly EffectiveCommunication[]): void {
    this.#profileWays = profiles.map((profile) => this.#numberOf(profile));
    this.#parts.target.addProfiles(profiles);
  }

  /** Comes with a handshake: what holds from here on is what the product is told. */
  assignProfile(productNumber: number, profile: number): void {
    this.#makeRoomFor(productNumber);
    this.#settled[productNumber] = this.#present[productNumber] = this.#profileWays[profile] ?? UNKNOWN;
    this.#parts.target.assignProfile(productNumber, profile);
  }

  replaceProfiles(
    profiles: readonly EffectiveCommunication[],
    top: number,
    assignments: readonly ProfileAssignment[],
  ): void {
    this.#parts.target.replaceProfiles(profiles, top, assignments);
    this.#profileWays = profiles.map((profile) => this.#numberOf(profile));
    this.#top = this.#profileWays[top] ?? UNKNOWN;
    this.#present.fill(this.#top);
    for (const { profile, productNumbers } of assignments) {
      const way = this.#profileWays[profile] ?? UNKNOWN;
      for (const number of productNumbers) {
        this.#makeRoomFor(number);
        this.#present[number] = way;
      }
    }
    this.#compare();
  }

  #compare(): void {
    const changed: number[] = [];
    for (let number = 1; number < this.#present.length; number += 1) {
      const settled = this.#settled[number] ?? UNKNOWN;
      const present = this.#present[number] ?? UNKNOWN;
      if (settled === present) this.#parts.dropHandshakeWish(number);
      // After a restart nobody remembers more than that there was a handshake.
      else if (settled === UNKNOWN) this.#settled[number] = present;
      else if (this.#parts.isKnown(number)) changed.push(number);
    }
    if (changed.length > 0) this.#parts.wantHandshakes(changed);
  }

  #numberOf({ mode, transport, listenerPort }: EffectiveCommunication): number {
    const key = `${mode}/${transport}/${listenerPort}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    // Beyond what two bytes can count, a change goes unnoticed, and nothing else.
    if (this.#numbers.size >= MAX_WAYS) return UNKNOWN;
    const number = this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }

  #makeRoomFor(number: number): void {
    if (number < this.#present.length) return;
    const capacity = Math.max(number + 1, Math.ceil(this.#present.length * 1.25));
    const grow = (old: Uint16Array<ArrayBuffer>, rest: number): Uint16Array<ArrayBuffer> => {
      const grown = new Uint16Array(capacity).fill(rest);
      grown.set(old);
      return grown;
    };
    this.#settled = grow(this.#settled, UNKNOWN);
    this.#present = grow(this.#present, this.#top);
  }
}
