import type { EffectiveCommunication } from '@holdfast/api';
import { CommunicationError } from './communication.errors.ts';

/** Presence keeps the number of the profile in two bytes of each product. */
export const MAX_PROFILES = 65_535;

/**
 * The different ways in which products of this server communicate, each with a number for as long as the process lives: thousands of
 * groups share a handful.
 */
export class Profiles {
  readonly #values: EffectiveCommunication[] = [];
  readonly #numbers = new Map<string, number>();

  get values(): readonly EffectiveCommunication[] {
    return this.#values;
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
        { remedy: 'Let more groups inherit, then restart the server.' },
      );
    }
    const number = this.#values.length;
    this.#values.push(value);
    this.#numbers.set(key, number);
    return number;
  }
}
