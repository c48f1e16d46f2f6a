import { Type } from 'typebox';
import { type DomainEvent, defineEvent, type EventsOf } from '../events/domain-event.ts';
import type { JobFailure } from './job.store.ts';

/** What happens to jobs. How they come on is no event, and a failure that is followed by another attempt neither. */
export const jobEvents = {
  'job.given-up': defineEvent({
    objectKind: 'job',
    title: 'Job of the server given up',
    help: 'After all its attempts, or because another one would not help. The code and the message are those of the last one.',
    permission: 'system:read',
    data: Type.Object({
      kind: Type.String(),
      title: Type.String(),
      attempts: Type.Integer({ minimum: 0 }),
      code: Type.String(),
      message: Type.String(),
    }),
  }),
};

declare module '../events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof jobEvents> {}
}

export function describeGivenUp(
  job: { readonly id: string; readonly kind: string; readonly title: string; readonly attempts: number },
  { code, message }: JobFailure,
): DomainEvent<'job.given-up'> {
  const { id, kind, title, attempts } = job;
  return { type: 'job.given-up', objectId: id, data: { kind, title, attempts, code, message } };
}
