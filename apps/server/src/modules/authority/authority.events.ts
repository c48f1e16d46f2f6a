import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofAuthority = { objectKind: 'authority', permission: 'system:read' } as const;

/** What happens to the authority that devices trust. The object is its fingerprint. */
export const authorityEvents = {
  'authority.prepared': defineEvent({
    ...ofAuthority,
    title: 'Next authority made',
    help: 'Devices learn it with their next handshake.',
    data: Type.Object({ endsAt: Type.String() }),
  }),
  'authority.changed': defineEvent({
    ...ofAuthority,
    title: 'Authority changed',
    help: 'The next authority has taken over.',
    data: Type.Object({ former: Type.String(), endsAt: Type.String() }),
  }),
  'authority.ends-soon': defineEvent({
    ...ofAuthority,
    title: 'Authority ends soon',
    help: 'Told each month in its last year, and each day in its last ninety days.',
    data: Type.Object({ endsAt: Type.String(), daysLeft: Type.Integer(), isOwn: Type.Boolean() }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof authorityEvents> {}
}
