import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveEvent, Permission } from '@holdfast/api';
import fc from 'fast-check';
import type { SignedInActor } from '../../platform/access/actor.ts';
import { type Grant, Grants, type Places } from '../../platform/access/grants.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { listGrants } from '../../testing/test-callers.ts';
import { EventReader, type EventSink, mayKnow } from './event-reader.ts';
import { EventReaders, MAX_STREAMS_PER_ACTOR } from './event-readers.ts';

const TOP = 'top';
const BERLIN = 'berlin';
const PARIS = 'paris';

function actorWith(
  permissions: readonly Permission[],
  scope: Places = 'everything',
  id = 'key',
): SignedInActor {
  return holderOf(listGrants({ permissions, scope }), id);
}

function holderOf(grants: readonly Grant[], id = 'key'): SignedInActor {
  return { kind: 'api-key', id, name: 'test', isForTime: false, grants: new Grants(grants) };
}

/** Reads the directory everywhere, and the logs of Berlin only. */
const mixed = holderOf([
  ...listGrants({ permissions: ['directory:read'] }),
  ...listGrants({ permissions: ['logs:read', 'settings:read'], scope: new Set([BERLIN]) }),
]);

function logsEvent(groupPath?: readonly string[]): LiveMessage {
  return {
    event: { type: 'logs', deviceId: 'd', count: 1, highestSeverity: 'info' },
    permission: 'logs:read',
    ...(groupPath === undefined ? {} : { groupPath }),
  };
}

function deviceEvent(groupPath?: readonly string[], deviceId = 'd'): LiveMessage {
  return {
    event: { type: 'device', deviceId, change: 'changed' },
    permission: 'directory:read',
    ...(groupPath === undefined ? {} : { groupPath }),
  };
}

/** A reader that takes so many events and then is full until it is emptied. */
class BoundedSink implements EventSink {
  readonly received: LiveEvent[] = [];
  capacity: number;
  isClosed = false;

  constructor(capacity = Number.POSITIVE_INFINITY) {
    this.capacity = capacity;
  }

  get isBacklogged(): boolean {
    return this.capacity <= 0;
  }

  send(data: LiveEvent): boolean {
    if (this.isBacklogged) return false;
    this.capacity -= 1;
    this.received.push(data);
    return true;
  }

  close(): void {
    this.isClosed = true;
  }
}

for (const [why, actor, event, isHeard] of [
  ['it has the permission and no limit', actorWith(['directory:read']), deviceEvent([TOP, BERLIN]), true],
  ['it lacks the permission', actorWith(['audit:read']), deviceEvent([TOP, BERLIN]), false],
  [
    'the object lies in its group',
    actorWith(['directory:read'], new Set([BERLIN])),
    deviceEvent([TOP, BERLIN, 'x']),
    true,
  ],
  [
    'the object lies in another group',
    actorWith(['directory:read'], new Set([PARIS])),
    deviceEvent([TOP, BERLIN]),
    false,
  ],
  ['the event concerns no group', actorWith(['directory:read'], new Set([PARIS])), deviceEvent(), true],
  [
    'the event is for those who see everything',
    actorWith(['directory:read'], new Set([PARIS])),
    deviceEvent([]),
    false,
  ],
  ['it sees everything', actorWith(['directory:read']), deviceEvent([]), true],
  ['its permission reaches there, though another one does not', mixed, deviceEvent([TOP, PARIS]), true],
  [
    'its permission reaches elsewhere, though another one reaches there',
    mixed,
    logsEvent([TOP, PARIS]),
    false,
  ],
  ['each permission has a place of its own', mixed, logsEvent([TOP, BERLIN]), true],
  ['its permission reaches somewhere, and the event concerns no group', mixed, logsEvent(), true],
  [
    'it concerns the whole organisation and the permission is granted in a group',
    mixed,
    { event: { type: 'settings' }, permission: 'settings:read' },
    false,
  ],
] as const) {
  test(`an event is ${isHeard ? 'heard' : 'not heard'} when ${why}`, () => {
    assert.equal(mayKnow(actor, event), isHeard);
  });
}

test('a reader that is too slow misses events and is told to refresh as soon as it can take more', () => {
  const sink = new BoundedSink(2);
  const reader = new EventReader(sink, actorWith(['directory:read']));
  for (const id of ['a', 'b', 'c', 'd']) reader.hear(deviceEvent(undefined, id));
  assert.equal(sink.received.length, 2);
  assert.equal(reader.catchUp(), false);
  sink.capacity = 10;
  assert.equal(reader.catchUp(), true);
  assert.equal(reader.catchUp(), true);
  reader.hear(deviceEvent(undefined, 'e'));
  assert.deepEqual(
    sink.received.map((event) => (event.type === 'device' ? event.deviceId : event.type)),
    ['a', 'b', 'refresh', 'e'],
  );
});

test('whatever was missed, a refresh follows before anything newer', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('hear'), fc.nat(3)), { maxLength: 60 }), (steps) => {
      const sink = new BoundedSink(3);
      const reader = new EventReader(sink, actorWith(['directory:read']));
      let heard = 0;
      for (const step of steps) {
        if (step === 'hear') {
          heard += 1;
          reader.hear(deviceEvent(undefined, String(heard)));
        } else sink.capacity = Math.max(0, sink.capacity) + Number(step);
      }
      sink.capacity = 10;
      reader.catchUp();
      let expected = 1;
      for (const event of sink.received) {
        if (event.type === 'refresh') expected = -1;
        else if (event.type === 'device') {
          if (expected !== -1)
            assert.equal(Number(event.deviceId), expected, 'a gap without a refresh before it');
          expected = Number(event.deviceId) + 1;
        }
      }
      assert.ok(expected === -1 || expected === heard + 1);
    }),
  );
});

test('a caller whose rights change hears by the new ones, and its views ask again', () => {
  const sink = new BoundedSink();
  const reader = new EventReader(sink, actorWith(['directory:read']));
  reader.becomeActor(actorWith(['directory:read']));
  assert.deepEqual(sink.received, []);
  reader.becomeActor(actorWith(['directory:read'], new Set([PARIS])));
  reader.hear(deviceEvent([TOP, BERLIN]));
  assert.deepEqual(sink.received, [{ type: 'refresh' }]);
  reader.hear(deviceEvent([TOP, PARIS]));
  assert.equal(sink.received.length, 2);
});

test('the same rights in other grants are the same rights; the same permissions at other places are not', () => {
  const sink = new BoundedSink();
  const reader = new EventReader(sink, mixed);
  reader.becomeActor(holderOf([...mixed.grants.list].reverse()));
  reader.becomeActor(
    holderOf([
      ...mixed.grants.list,
      ...listGrants({ permissions: ['directory:read'], scope: new Set([PARIS]) }),
    ]),
  );
  assert.deepEqual(sink.received, []);
  reader.becomeActor(
    holderOf([...listGrants({ permissions: ['directory:read', 'logs:read'], scope: new Set([BERLIN]) })]),
  );
  assert.deepEqual(sink.received, [{ type: 'refresh' }]);
});

test('only the streams of an access that has ended are closed', async () => {
  const readers = new EventReaders();
  const hello = { type: 'hello', serverTimeAt: '', serverVersion: '' } as const;
  const [first, second] = [new BoundedSink(), new BoundedSink()];
  readers.add(first, actorWith([], 'everything', 'one'), hello);
  readers.add(second, actorWith([], 'everything', 'two'), hello);
  readers.end({ kind: 'session', id: 'one' });
  assert.equal(readers.count, 2);
  readers.end({ kind: 'api-key', id: 'one' });
  assert.deepEqual([first.isClosed, second.isClosed, readers.count], [true, false, 1]);
  await readers.recheck(async () => undefined);
  assert.deepEqual([second.isClosed, readers.count], [true, 0]);
});

test('a caller has so many streams and no more, and others are not concerned', () => {
  const readers = new EventReaders();
  const hello = { type: 'hello', serverTimeAt: '', serverVersion: '' } as const;
  const actor = actorWith([], 'everything', 'greedy');
  for (let index = 0; index < MAX_STREAMS_PER_ACTOR; index += 1) {
    readers.assertRoom(actor);
    readers.add(new BoundedSink(), actor, hello);
  }
  assert.throws(() => readers.assertRoom(actor), { code: 'EVENT_STREAMS_EXHAUSTED' });
  readers.assertRoom(actorWith([], 'everything', 'modest'));
});
