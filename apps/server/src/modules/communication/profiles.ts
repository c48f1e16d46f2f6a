import type { EffectiveCommunication } from '@holdfast/api';
import { CommunicationError } from './communication.errors.ts';

/** Presence keeps the number of the profile in two bytes of each product. */
export const MAX_PROFILES = 65_535;

/**
 * The different ways in which products of this server communicate, each with a number: thousands of groups share a handful.
 * A profile that nobody uses any more is left behind by the next `renew`.
 */
export class Profiles {
  readonly #values: EffectiveCommunication[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #former: ReadonlyMap<string, EffectiveCommunication>;

  constructor(former: ReadonlyMap<string, EffectiveCommunication> = new Map()) {
    this.#former = former;
  }

  get values(): readonly EffectiveCommunication[] {
    return this.#values;
  }

  /** Empty, with other numbers; what comes again is the same object, so that whoever goes by it need not begin anew. */
  renew(): Profiles {
    const known = [...this.#numbers].flatMap(([key, number]) => {
      const value = this.#values[number];
      return value === undefined ? [] : [[key, value] as const];
    });
    return new Profiles(new Map(known));
  }

  /**
   * The number of this profile, the same for equal ones.
   *
   * @throws CommunicationError COMMUNICATION_PROFILES_EXHAUSTED
   */
  numberOf(value: EffectiveCommunication): number {
    // Every field that there is, by name: one that comes later tells profiles apart without being named here.
    const key = JSON.stringify(value, sortKeys);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#values.length > MAX_PROFILES) {
      throw new CommunicationError(
        'COMMUNICATION_PROFILES_EXHAUSTED',
        'There are too many different ways to communicate.',
        { remedy: 'Let more groups inherit.' },
      );
    }
    const number = this.#values.length;
    this.#values.push(this.#former.get(key) ?? value);
    this.#numbers.set(key, number);
    return number;
  }
}

/** The same text for the same value, in whatever order its members were written. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([first], [second]) => (first < second ? -1 : 1)));
}
