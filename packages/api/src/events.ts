import { Type } from 'typebox';
import type { Command, CommandTarget } from './commands.ts';
import type { LogSeverity } from './logs.ts';
import type { Presence } from './presence.ts';
import { defineRoute } from './route.ts';

/** Path of the server-sent event stream (needs a session or an API key with directory:read). */
export const eventsPath = '/api/v1/events';

/** Stays open; the answer is `text/event-stream`, each `data` one {@link LiveEvent} as JSON. */
export const streamEvents = defineRoute({
  name: 'streamEvents',
  method: 'GET',
  path: eventsPath,
  tag: 'Events',
  access: { permission: 'directory:read' },
  summary: 'What changes, as server-sent events, within the scope and the permissions of the caller',
  response: Type.Unknown(),
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
  /** Tags, or who has them, are other ones now. Where devices are concerned, lists of devices show other names too. */
  | { readonly type: 'tags'; readonly areDevicesConcerned: boolean }
  /** Events were dropped for this reader (too slow): ask again for everything shown. */
  | { readonly type: 'refresh' };
