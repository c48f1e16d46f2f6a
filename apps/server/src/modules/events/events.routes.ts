import { listEventSubscribers, listEventTypes, streamEvents } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { requirePermission, type SignedInActor } from '../../platform/access/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { describeSubscriber, describeTypes } from './event-overview.ts';
import { type EventReaders, hasAnyPermission } from './event-readers.ts';

export function registerEventRoutes(
  platform: Pick<Platform, 'clock' | 'log' | 'events' | 'eventStreams' | 'registerRoute' | 'server'>,
  readers: EventReaders,
  findActor: (actor: SignedInActor) => Promise<SignedInActor | undefined>,
): void {
  const { clock, log, events, eventStreams, server } = platform;
  platform.registerRoute(listEventTypes, async ({ actor }) => {
    requirePermission(actor, 'settings:read');
    return { types: describeTypes(events.types) };
  });
  platform.registerRoute(listEventSubscribers, async ({ actor }) => {
    requirePermission(actor, 'settings:read');
    return { subscribers: (await events.listSubscribers()).map(describeSubscriber) };
  });
  platform.registerRoute(streamEvents, async ({ actor, reply }) => {
    if (actor.kind !== 'administrator' && actor.kind !== 'api-key') {
      throw new AccessError('NOT_SIGNED_IN', 'This needs a signed-in administrator or an API key.');
    }
    if (!hasAnyPermission(actor)) {
      throw new AccessError('PERMISSION_DENIED', 'You may see nothing of what happens here.', {
        remedy: 'Ask an enterprise administrator for a role.',
      });
    }
    readers.assertRoom(actor);
    const stream = eventStreams.open(reply);
    const reader = readers.add(stream, actor, {
      type: 'hello',
      serverTimeAt: new Date(clock.now()).toISOString(),
      serverVersion: server.version,
    });
    stream.onClose(() => readers.remove(reader));
    // An access that ended between the check of the request and now was told to nobody.
    readers.recheckOne(reader, findActor).catch((error: unknown) => {
      log.warn({ err: error }, 'the caller of a stream could not be checked again');
      reader.close();
    });
    return null;
  });
}
