import { Check } from 'typebox/value';
import type { EventDefinition, EventDefinitions, EventType } from './domain-event.ts';

const TYPE = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** All types of events that the modules of this server have defined. */
export class EventTypes {
  readonly #definitions = new Map<string, EventDefinition>();

  /**
   * Repeating the same definition changes nothing.
   *
   * @throws TypeError for a type that is defined otherwise already or is no `object.happened`
   */
  define(definitions: EventDefinitions): void {
    for (const [type, definition] of Object.entries(definitions)) {
      if (!TYPE.test(type)) throw new TypeError(`"type" expected words with a dot between, got ${type}`);
      const known = this.#definitions.get(type);
      if (known !== undefined && known !== definition)
        throw new TypeError(`The event ${type} is defined twice`);
      this.#definitions.set(type, definition);
    }
  }

  /** `undefined` for a type that this release does not know. */
  find(type: string): EventDefinition | undefined {
    return this.#definitions.get(type);
  }

  /** By type, in the order of the alphabet. */
  list(): readonly (readonly [type: EventType, definition: EventDefinition])[] {
    const entries = [...this.#definitions] as [EventType, EventDefinition][];
    return entries.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** Whether this release can read what another one may have written. */
  isReadable(type: string, data: unknown): boolean {
    const definition = this.#definitions.get(type);
    return definition !== undefined && Check(definition.data, data);
  }
}
