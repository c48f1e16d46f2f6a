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
    const key = JSON.stringify([
      value.heartbeatIntervalMs,
      value.offlineTimeoutMs,
      value.schedule?.timeZone,
      value.schedule?.week,
      value.mode,
      value.transport,
      value.listenerPort,
    ]);
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
