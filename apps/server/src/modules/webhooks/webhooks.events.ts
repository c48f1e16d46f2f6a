import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofWebhook = { objectKind: 'webhook', permission: 'settings:read' } as const;
const Named = Type.Object({ name: Type.String() });

/** What happens to webhooks. What each delivers is no event, or there would be no end. */
export const webhookEvents = {
  'webhook.created': defineEvent({ ...ofWebhook, title: 'Webhook created', data: Named }),
  'webhook.changed': defineEvent({
    ...ofWebhook,
    title: 'Webhook changed',
    help: 'In what it sends, to where, with which secret, or whether it is paused.',
    data: Named,
  }),
  'webhook.disabled': defineEvent({
    ...ofWebhook,
    title: 'Webhook disabled by the server',
    help: 'It failed for too long, its receiver said that it is gone, or the one who chose its events may not read them any more.',
    data: Type.Object({ name: Type.String(), reason: Type.String() }),
  }),
  'webhook.removed': defineEvent({ ...ofWebhook, title: 'Webhook removed', data: Named }),
  'webhook.tested': defineEvent({
    ...ofWebhook,
    title: 'Test event',
    help: 'Sent to one webhook when an administrator asks for it, and heard by nobody else.',
    data: Type.Object({ name: Type.String(), testedBy: Type.String() }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof webhookEvents> {}
}
