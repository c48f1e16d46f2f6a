import { type Static, Type } from 'typebox';
import type { Command, CommandTarget } from './commands.ts';
import type { LogSeverity } from './logs.ts';
import { permissions } from './permissions.ts';
import type { Presence } from './presence.ts';
import { defineRoute } from './route.ts';
import { Count, Instant, oneOf } from './scalars.ts';

/** Path of the server-sent event stream (needs a session or an API key; each event asks for its own permission). */
export const eventsPath = '/api/v1/events';

/** Stays open; the answer is `text/event-stream`, each `data` one {@link LiveEvent} as JSON. */
export const streamEvents = defineRoute({
  name: 'streamEvents',
  method: 'GET',
  path: eventsPath,
  tag: 'Events',
  access: { signedIn: true },
  summary: 'What changes, as server-sent events, within the scope and the permissions of the caller',
  response: Type.Unknown(),
});

/** A type of domain event: what can happen, for whoever chooses what to hear. */
export const EventTypeDescription = Type.Object({
  /** `object.happened`, e.g. `device.moved`. */
  type: Type.String(),
  objectKind: Type.String(),
  title: Type.String(),
  help: Type.String(),
  /** Whoever reads events of this type needs it. */
  permission: oneOf(permissions),
});
export type EventTypeDescription = Static<typeof EventTypeDescription>;

/** A reader of domain events with a place of its own, and how it gets on. */
export const EventSubscriber = Type.Object({
  name: Type.String(),
  title: Type.String(),
  /** `working` also while there is nothing to do; `stopped` is paused, or nothing in this server runs it. */
  state: oneOf(['working', 'failing', 'stopped'] as const),
  /** Events that it has not handled. */
  waiting: Count,
  /** When it handled something last; null before the first time. */
  handledAt: Type.Union([Instant, Type.Null()]),
  failingSince: Type.Union([Instant, Type.Null()]),
  attempts: Type.Integer({ minimum: 0 }),
  lastError: Type.Union([Type.String(), Type.Null()]),
  nextAttemptAt: Type.Union([Instant, Type.Null()]),
  /** When it was told last that events were removed before it heard them; null if never. */
  missedAt: Type.Union([Instant, Type.Null()]),
});
export type EventSubscriber = Static<typeof EventSubscriber>;

export const listEventTypes = defineRoute({
  name: 'listEventTypes',
  method: 'GET',
  path: '/api/v1/event-types',
  tag: 'Events',
  access: { permission: 'settings:read' },
  summary: 'Every type of domain event that this server tells',
  response: Type.Object({ types: Type.Array(EventTypeDescription) }),
});
export const listEventSubscribers = defineRoute({
  name: 'listEventSubscribers',
  method: 'GET',
  path: '/api/v1/event-subscribers',
  tag: 'Events',
  access: { permission: 'settings:read' },
  summary: 'Who reads domain events, how far each has come, and what is wrong',
  response: Type.Object({ subscribers: Type.Array(EventSubscriber) }),
});

/**
 * What the stream tells. Each event says what changed, so that an open view can update in place or ask again;
 * after a reconnect the stream starts with `hello`, and a view then refreshes what it shows.
 * The caller receives only what lies in its scope and what its permissions allow.
 */
export type LiveEvent =
  | { readonly type: 'hello'; readonly serverTimeAt: string; readonly serverVersion: string }
  | {
      readonly type: 'presence';
      readonly deviceId: string;
      readonly productNumber: number;
      readonly presence: Presence;
    }
  /** A device appeared, was renamed, moved, removed, restored, or has new facts. */
  | { readonly type: 'device'; readonly deviceId: string; readonly change: 'created' | 'changed' | 'removed' }
  | { readonly type: 'groups' }
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'command-target'; readonly target: CommandTarget }
  /**
   * Entries of a device were committed since the last such event. Without a device: of many at once, some of which
   * the caller may not see; a view that follows asks again.
   */
  | {
      readonly type: 'logs';
      readonly deviceId: string;
      readonly count: number;
      readonly highestSeverity: LogSeverity;
    }
  | {
      readonly type: 'logs';
      readonly deviceId: null;
      readonly count: null;
      readonly highestSeverity: null;
    }
  | { readonly type: 'waiting-registrations'; readonly count: number }
  | { readonly type: 'enrolment-tokens' }
  | { readonly type: 'settings' }
  /** A job began, went on or ended. */
  | { readonly type: 'jobs' }
  /** Releases arrived, a download ended, or a rollout did. How single devices are with components is told by nobody. */
  | { readonly type: 'components' }
  /** Tags, or who has them, are other ones now. Where devices are concerned, lists of devices show other names too. */
  | { readonly type: 'tags'; readonly areDevicesConcerned: boolean }
  /** Events were dropped for this reader (too slow): ask again for everything shown. */
  | { readonly type: 'refresh' };
