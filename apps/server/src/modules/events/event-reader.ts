import type { LiveEvent } from '@holdfast/api';
import { mayAt, type SignedInActor } from '../../platform/access/actor.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';

/** The way to one reader: an open answer, or a list in tests. */
export interface EventSink {
  /** False when the reader is too slow: the event was not sent. */
  send(data: LiveEvent): boolean;
  readonly isBacklogged: boolean;
  close(): void;
}

/** True when this caller may know of the event: by its permission at the place of what it is about. */
export function mayKnow(actor: SignedInActor, { permission, groupPath }: LiveMessage): boolean {
  return groupPath === undefined ? actor.grants.mayAnywhere(permission) : mayAt(actor, permission, groupPath);
}

/**
 * One open reader. Invariant: an event that was not sent is made up for by `refresh`, as soon as the reader can take
 * it, so that no view stays wrong for longer than its reader is slow.
 */
export class EventReader {
  readonly #sink: EventSink;
  #actor: SignedInActor;
  #hasMissed = false;
  #looks = 0;

  constructor(sink: EventSink, actor: SignedInActor) {
    this.#sink = sink;
    this.#actor = actor;
  }

  /** Numbers a look at who the caller is now. */
  beginLook(): number {
    this.#looks += 1;
    return this.#looks;
  }

  isNewestLook(look: number): boolean {
    return look === this.#looks;
  }

  get actor(): SignedInActor {
    return this.#actor;
  }

  hear(event: LiveMessage): void {
    if (!mayKnow(this.#actor, event)) return;
    if (!this.catchUp() || !this.#sink.send(event.event)) this.#hasMissed = true;
  }

  greet(hello: LiveEvent): void {
    this.#sink.send(hello);
  }

  /** Sends `refresh` when something was missed and there is room again. False while there is none. */
  catchUp(): boolean {
    if (!this.#hasMissed) return true;
    if (this.#sink.isBacklogged || !this.#sink.send({ type: 'refresh' })) return false;
    this.#hasMissed = false;
    return true;
  }

  /** The caller as of now. What it sees may have grown or shrunk, so its views ask again. */
  becomeActor(actor: SignedInActor): void {
    const isSame = this.#actor.grants.isSameAs(actor.grants);
    this.#actor = actor;
    if (isSame) return;
    this.#hasMissed = true;
    this.catchUp();
  }

  close(): void {
    this.#sink.close();
  }
}
