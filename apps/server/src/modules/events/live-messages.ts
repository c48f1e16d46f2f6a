import type { StoredEvent } from '../../platform/events/domain-event.ts';
import type { EventTypes } from '../../platform/events/event-types.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';

/**
 * What open views are told of these events, in their order. The same message twice means that there is something to ask
 * again for, which once says too.
 */
export function toLiveMessages(events: readonly StoredEvent[], types: EventTypes): readonly LiveMessage[] {
  const messages = new Map<string, LiveMessage>();
  for (const event of events) {
    for (const message of types.find(event.type)?.live?.(event) ?? []) {
      const key = JSON.stringify(message);
      // The last place counts: whoever asks again after it sees everything.
      messages.delete(key);
      messages.set(key, message);
    }
  }
  return [...messages.values()];
}
