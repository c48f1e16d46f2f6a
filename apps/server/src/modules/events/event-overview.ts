import type { EventSubscriber, EventTypeDescription } from '@holdfast/api';
import type { SubscriberState } from '../../platform/events/domain-events.ts';
import type { EventTypes } from '../../platform/events/event-types.ts';

/** The catalogue, by type. */
export function describeTypes(types: EventTypes): EventTypeDescription[] {
  return types.list().map(([type, { objectKind, title, help = '', permission }]) => ({
    type,
    objectKind,
    title,
    help,
    permission,
  }));
}

export function describeSubscriber(state: SubscriberState): EventSubscriber {
  const { name, title = name, waiting, attempts, lastError } = state;
  return {
    name,
    title,
    state: state.isPaused ? 'stopped' : state.failingSince === null ? 'working' : 'failing',
    waiting,
    handledAt: state.handledAt?.toISOString() ?? null,
    failingSince: state.failingSince?.toISOString() ?? null,
    attempts,
    lastError,
    nextAttemptAt: state.isPaused ? null : (state.nextAttemptAt?.toISOString() ?? null),
    missedAt: state.gapAt?.toISOString() ?? null,
  };
}
