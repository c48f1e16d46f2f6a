import type { Permission } from '@holdfast/api';
import type { Static, TObject } from 'typebox';
import type { Transaction } from '../database/database.ts';
import type { LiveMessage } from '../live/live-views.ts';

/**
 * What each type of event tells, by its type. A module adds its own from its definitions, so that the platform knows no
 * module and a new event edits no list:
 *
 * ```ts
 * export const directoryEvents = { 'device.moved': defineEvent({ … }) };
 *
 * declare module '../../platform/events/domain-event.ts' {
 *   interface DomainEvents extends EventsOf<typeof directoryEvents> {}
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it
export interface DomainEvents {}

/** `object.happened`, past tense. */
export type EventType = keyof DomainEvents;

/** An event as it is heard. */
export interface HeardEvent<Type extends string, Data> {
  /** UUID: the same whenever and to whomever it is told. */
  readonly id: string;
  /** Grows in the order of hearing. */
  readonly position: number;
  readonly type: Type;
  readonly objectKind: string;
  readonly objectId: string;
  readonly groupIds: readonly string[] | null;
  readonly data: Data;
  readonly occurredAt: Date;
}

/** What a module says about one type of event. */
export interface EventDefinition<Data extends TObject = TObject> {
  /** What kind of thing it happened to: `device`, `group`. */
  readonly objectKind: string;
  /** For people: "Device moved". */
  readonly title: string;
  /** For people, where the title leaves something open: when exactly, what the parts of the data are. */
  readonly help?: string;
  /** Whoever reads events of this type needs it. */
  readonly permission: Permission;
  /** A later release may add optional parts and takes nothing away: events outlive an upgrade. */
  readonly data: Data;
  /** What open views are told of it; nothing unless given. */
  live?(event: HeardEvent<string, Static<Data>>): readonly LiveMessage[];
}

export type EventDefinitions = Readonly<Record<string, EventDefinition>>;

/** The entries of {@link DomainEvents} that follow from definitions. */
export type EventsOf<Definitions extends Readonly<Record<string, { readonly data: TObject }>>> = {
  readonly [Type in keyof Definitions]: Static<Definitions[Type]['data']>;
};

export function defineEvent<Data extends TObject>(definition: EventDefinition<Data>): EventDefinition<Data> {
  return definition;
}

/** Something that happened, as the module says that did it. */
export type DomainEvent<Type extends EventType = EventType> = {
  [One in Type]: {
    readonly type: One;
    readonly objectId: string;
    /** The groups that it concerns, top group first; of a move those of both places. Absent for what lies in no group. */
    readonly groupIds?: readonly string[];
    readonly data: DomainEvents[One];
  };
}[Type];

/** An event as subscribers hear it. */
export type StoredEvent<Type extends EventType = EventType> = {
  [One in Type]: HeardEvent<One, DomainEvents[One]>;
}[Type];

/**
 * Writes down what happened inside the transaction of the change itself: both are on disk or neither is. One statement,
 * however many events.
 *
 * Invariant: an event is recorded while its object is locked (its row written or selected for update, its tree locked),
 * or before anybody else can see the object. The order of one object's events follows from that and from nothing else. Where
 * a part of an object changes by itself under another lock (the presence of a product), the order is that of the part, and
 * docs/events.md says so.
 *
 * Before the audit entry, which comes last.
 *
 * @throws RangeError for an event that is too large or whose type nobody has defined
 */
export type RecordEvents = (
  transaction: Transaction,
  events: DomainEvent | readonly DomainEvent[],
) => Promise<void>;

/** Which events a subscriber hears. */
export interface EventFilter {
  readonly types: readonly EventType[] | 'all';
  /** Only what concerns this group or one below it. */
  readonly groupId?: string | undefined;
}
