import type { PresenceStatus } from '@holdfast/api';
import { Type } from 'typebox';
import { type DomainEvent, defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

/** What a status comes to for whoever is told of changes. */
export const toldStatuses = ['online', 'offline', 'service-stopped'] as const;
export type ToldStatus = (typeof toldStatuses)[number];

/**
 * A product in idle hours is online. Silence that has not lasted yet is no change, and neither is being disabled, which
 * is an event of its own: undefined for these.
 */
export const toldStatusOf: Readonly<Record<PresenceStatus, ToldStatus | undefined>> = {
  online: 'online',
  idle: 'online',
  roaming: 'online',
  offline: 'offline',
  'service-stopped': 'service-stopped',
  'timed-out': undefined,
  disabled: undefined,
};

const Told = Type.Enum([...toldStatuses]);

/** What happens to the presence of products. Signs of life are no events, nor is a heartbeat that was late. */
export const presenceEvents = {
  'presence.changed': defineEvent({
    objectKind: 'product',
    title: 'Product came online or went offline',
    help: 'Told within seconds, when the change is written. A heartbeat that is late but comes before the offline timeout changes nothing.',
    permission: 'directory:read',
    data: Type.Object({
      deviceId: Type.String(),
      deviceName: Type.String(),
      from: Told,
      to: Told,
      reason: Type.String(),
    }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof presenceEvents> {}
}

/** A product whose told status is another one than before, with its place. */
export interface PresenceChange {
  readonly productNumber: number;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly groupPath: readonly string[];
  readonly from: ToldStatus;
  readonly to: ToldStatus;
  readonly reason: string;
}

export function describeChange(change: PresenceChange): DomainEvent<'presence.changed'> {
  const { productNumber, groupPath, deviceId, deviceName, from, to, reason } = change;
  return {
    type: 'presence.changed',
    objectId: String(productNumber),
    groupIds: groupPath,
    data: { deviceId, deviceName, from, to, reason },
  };
}
