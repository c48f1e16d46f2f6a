import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';

const mayView = {
  permission: 'components:read',
  live: (): readonly LiveMessage[] => [{ event: { type: 'components' }, permission: 'components:read' }],
} as const;

const Rollout = Type.Object({
  componentId: Type.String(),
  title: Type.String(),
  release: Type.Integer(),
  planName: Type.String(),
});
const ofRollout = { ...mayView, objectKind: 'component-rollout' } as const;

/** What happens to components. How single devices are with them is no event: there would be thousands. */
export const componentEvents = {
  'component.released': defineEvent({
    ...mayView,
    objectKind: 'component',
    title: 'Component released',
    help: 'A new release is on this server, and devices may fetch it.',
    data: Type.Object({
      title: Type.String(),
      release: Type.Integer(),
      version: Type.String(),
      isUrgent: Type.Boolean(),
    }),
  }),
  'component-rollout.stopped': defineEvent({
    ...ofRollout,
    title: 'Rollout stopped',
    help: 'A release failed on more devices than its plan bears. Nobody else gets it until somebody lets it go on.',
    data: Rollout,
  }),
  'component-rollout.done': defineEvent({
    ...ofRollout,
    title: 'Rollout done',
    help: 'Every device may have the release.',
    data: Rollout,
  }),
  'component-download.ended': defineEvent({
    ...mayView,
    objectKind: 'component-download',
    title: 'Download of components ended',
    help: 'With how many new releases, or with the code of what went wrong in its last attempt.',
    data: Type.Object({ newReleases: Type.Integer(), errorCode: Type.Union([Type.String(), Type.Null()]) }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof componentEvents> {}
}
