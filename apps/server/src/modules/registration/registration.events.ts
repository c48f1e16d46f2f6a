import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';

const tokensAreOthers: LiveMessage = {
  event: { type: 'enrolment-tokens' },
  permission: 'enrolment-tokens:read',
};
const ofToken = {
  objectKind: 'enrolment-token',
  permission: 'enrolment-tokens:read',
  live: () => [tokensAreOthers],
} as const;
const ofRegistration = { objectKind: 'registration', permission: 'directory:read' } as const;

/** What happens on the waiting list. That a product has joined is an event of the directory. */
export const registrationEvents = {
  'enrolment-token.created': defineEvent({
    ...ofToken,
    title: 'Enrolment token created',
    data: Type.Object({
      name: Type.String(),
      maxUses: Type.Union([Type.Integer(), Type.Null()]),
      isApprovalNeeded: Type.Boolean(),
      expiresAt: Type.String(),
    }),
  }),
  'enrolment-token.revoked': defineEvent({
    ...ofToken,
    title: 'Enrolment token revoked',
    data: Type.Object({ name: Type.String(), uses: Type.Integer() }),
  }),
  'registration.waiting': defineEvent({
    ...ofRegistration,
    title: 'Device waits for an administrator',
    help: 'Of kind `approval` a new one, `re-admission` one without a record, `copied` one with the key of another.',
    data: Type.Object({ deviceName: Type.String(), kind: Type.String(), remoteAddress: Type.String() }),
  }),
  'registration.admitted': defineEvent({
    ...ofRegistration,
    title: 'Waiting device admitted',
    data: Type.Object({ deviceName: Type.String(), deviceId: Type.String(), productNumber: Type.Integer() }),
  }),
  'registration.refused': defineEvent({
    ...ofRegistration,
    title: 'Waiting device refused',
    data: Type.Object({ deviceName: Type.String() }),
  }),
  'product.key-shared': defineEvent({
    objectKind: 'product',
    title: 'Two computers with one key',
    help: 'The one that is refused can get a record of its own.',
    permission: 'directory:read',
    data: Type.Object({
      deviceId: Type.String(),
      deviceName: Type.String(),
      refusedName: Type.String(),
      refusedAddress: Type.String(),
    }),
    live: ({ data, groupIds }) => [
      {
        event: { type: 'device', deviceId: data.deviceId, change: 'changed' },
        permission: 'directory:read',
        groupPath: groupIds ?? [],
      },
    ],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof registrationEvents> {}
}
