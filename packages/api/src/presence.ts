import { type Static, Type } from 'typebox';
import { Instant, oneOf } from './scalars.ts';

/** What the console shows of a product's life. `idle` and `roaming` belong to the schedule bar and to Remote work. */
export const presenceStatuses = [
  'online',
  'timed-out',
  'offline',
  'service-stopped',
  'idle',
  'roaming',
  'disabled',
] as const;
export type PresenceStatus = (typeof presenceStatuses)[number];

/** Why a status is what it is: the last sign of life, or the lack of one. */
export const presenceReasons = [
  'heartbeat-udp',
  'heartbeat-https',
  'poll',
  'report',
  'inventory',
  'handshake',
  'silent',
  'never-seen',
  'agent-stopped',
  'disabled',
  'logs',
  'notification',
  'idle-hours',
  'before-restart',
  'port-closed',
] as const;
export type PresenceReason = (typeof presenceReasons)[number];

export const transports = ['udp-acknowledged', 'udp', 'https', 'unknown'] as const;
export type Transport = (typeof transports)[number];

export const Presence = Type.Object({
  status: oneOf(presenceStatuses),
  reason: oneOf(presenceReasons),
  lastSeenAt: Type.Union([Instant, Type.Null()]),
  /** When the status last changed. */
  changedAt: Type.Union([Instant, Type.Null()]),
});
export type Presence = Static<typeof Presence>;
