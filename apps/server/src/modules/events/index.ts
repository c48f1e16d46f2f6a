/**
 * Live views: what changes on the server, told to whoever has a page open, as server-sent events. They are one follower
 * of the domain events among others; what each event means to a view stands with its definition. Promises that a
 * reader hears only what its grants allow as of now, that its stream ends with its access, that
 * a slow reader costs bounded memory and is told to refresh. Does not promise every event: after `hello` and after
 * `refresh` a view asks again.
 */
import type { SignedInActor } from '../../platform/access/actor.ts';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { type EndedAccess, EventReaders } from './event-readers.ts';
import { eventErrorStatus } from './events.errors.ts';
import { registerEventRoutes } from './events.routes.ts';
import { toLiveMessages } from './live-messages.ts';

/** Of the access module: who a caller is now, and when its access ends. */
export interface CallerWatch {
  findActor(actor: SignedInActor): Promise<SignedInActor | undefined>;
  onAccessEnded(listener: (ended: EndedAccess) => void): () => void;
  onAccessChanged(listener: () => void): () => void;
}

export interface EventsDependencies {
  readonly platform: Pick<
    Platform,
    'events' | 'live' | 'clock' | 'log' | 'ticks' | 'eventStreams' | 'registerRoute' | 'server'
  >;
  readonly callers: CallerWatch;
}

export interface EventsModule {
  /** Begins to follow what happens. After all modules were created: their own caches hear before views ask again. */
  start(): void;
  /** Open streams of this process. */
  streamCount(): number;
  stop(): void;
}

const CATCH_UP_INTERVAL_MS = 1_000;
// How long a session that ended by time, or on another process, keeps its stream at most.
const RECHECK_INTERVAL_MS = 15_000;

export function createEventsModule({ platform, callers }: EventsDependencies): EventsModule {
  const readers = new EventReaders();
  const findActor = async (actor: SignedInActor): Promise<SignedInActor | undefined> =>
    await callers.findActor(actor);
  registerErrorStatus(eventErrorStatus);
  registerEventRoutes(platform, readers, findActor);
  const unsubscribes = [
    platform.live.listen((message) => readers.hear(message)),
    callers.onAccessEnded((ended) => readers.end(ended)),
    callers.onAccessChanged(() => {
      // The next tick looks again at those that this one could not.
      readers.recheck(findActor).catch((error: unknown) => {
        platform.log.warn({ err: error }, 'the callers of open streams could not be checked again');
      });
    }),
  ];
  platform.ticks.every('events.catch-up', CATCH_UP_INTERVAL_MS, async () => readers.catchUp());
  platform.ticks.every('events.recheck', RECHECK_INTERVAL_MS, async () => await readers.recheck(findActor));
  return {
    start() {
      // By now every module has said what there is to hear.
      const { types } = platform.events;
      const shown = types.list().flatMap(([type, { live }]) => (live === undefined ? [] : [type]));
      platform.events.follow(shown, (events) => {
        for (const message of toLiveMessages(events, types)) platform.live.tell(message);
      });
    },
    streamCount: () => readers.count,
    stop() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}
