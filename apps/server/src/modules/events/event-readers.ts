import type { LiveEvent } from '@holdfast/api';
import type { SignedInActor } from '../../platform/access/actor.ts';
import { permissionsIn } from '../../platform/access/grants.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { EventReader, type EventSink } from './event-reader.ts';
import { EventError } from './events.errors.ts';

/** An access that has ended: everything of it closes. */
export interface EndedAccess {
  readonly kind: 'session' | 'api-key';
  readonly id: string;
}

/** Enough for many tabs; a page that opens streams without closing them is stopped here. */
export const MAX_STREAMS_PER_ACTOR = 16;

/** Whoever has none hears nothing, so that nothing is kept open for it. */
export function hasAnyPermission(actor: SignedInActor): boolean {
  return permissionsIn(actor.grants.list).size > 0;
}

/** All open readers of this process. */
export class EventReaders {
  readonly #readers = new Set<EventReader>();

  /** @throws EventError EVENT_STREAMS_EXHAUSTED */
  assertRoom(actor: SignedInActor): void {
    const own = [...this.#readers].filter(
      ({ actor: other }) => other.kind === actor.kind && other.id === actor.id,
    );
    if (own.length < MAX_STREAMS_PER_ACTOR) return;
    throw new EventError('EVENT_STREAMS_EXHAUSTED', 'There are too many open streams of this caller.', {
      facts: { maxStreams: MAX_STREAMS_PER_ACTOR },
      remedy: 'Close some tabs of the console, or the streams that are no longer read.',
    });
  }

  add(sink: EventSink, actor: SignedInActor, hello: LiveEvent): EventReader {
    const reader = new EventReader(sink, actor);
    this.#readers.add(reader);
    reader.greet(hello);
    return reader;
  }

  remove(reader: EventReader): void {
    this.#readers.delete(reader);
  }

  hear(event: LiveMessage): void {
    for (const reader of this.#readers) reader.hear(event);
  }

  /** Closes at once what belongs to the access that has ended. */
  end(ended: EndedAccess): void {
    for (const reader of this.#readers) {
      const { actor } = reader;
      const id = actor.kind === 'administrator' ? actor.sessionId : actor.id;
      const kind = actor.kind === 'administrator' ? 'session' : 'api-key';
      if (kind === ended.kind && id === ended.id) this.#close(reader);
    }
  }

  catchUp(): void {
    for (const reader of this.#readers) reader.catchUp();
  }

  /** Looks at every caller again: ended ones are closed, changed ones see what they may see now. */
  async recheck(findActor: (actor: SignedInActor) => Promise<SignedInActor | undefined>): Promise<void> {
    for (const reader of this.#readers) await this.recheckOne(reader, findActor);
  }

  async recheckOne(
    reader: EventReader,
    findActor: (actor: SignedInActor) => Promise<SignedInActor | undefined>,
  ): Promise<void> {
    const look = reader.beginLook();
    const actor = await findActor(reader.actor);
    // A later look knows more: an earlier one that ends after it must not give back what was taken.
    if (!reader.isNewestLook(look)) return;
    if (actor === undefined || !hasAnyPermission(actor)) this.#close(reader);
    else reader.becomeActor(actor);
  }

  get count(): number {
    return this.#readers.size;
  }

  #close(reader: EventReader): void {
    this.#readers.delete(reader);
    reader.close();
  }
}
