import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { HeldStreams, STREAM_SLOTS, type StreamTarget } from './held-streams.ts';

class Target extends EventEmitter {
  readonly written: Uint8Array[] = [];
  destroyed = false;
  isEnded = false;
  writableLength = 0;
  readonly socket = null;
  writeHead(): this {
    return this;
  }
  flushHeaders(): void {}
  write(bytes: Uint8Array): boolean {
    this.written.push(bytes);
    return true;
  }
  end(): this {
    this.isEnded = true;
    return this;
  }
  destroy(): this {
    this.destroyed = true;
    this.emit('close');
    return this;
  }
}

function open(streams: HeldStreams, productNumber: number, epoch = 1): Target {
  const target = new Target();
  // Everything that a stream uses of a response.
  streams.open(productNumber, epoch, target as unknown as StreamTarget);
  return target;
}

const create = (limit = 3): HeldStreams => new HeldStreams({ limit, sealQuiet: () => Uint8Array.of(0) });

test('a product has one stream: a new one ends the earlier, whose end then changes nothing', () => {
  const streams = create();
  const first = open(streams, 1);
  const second = open(streams, 1);
  assert.equal(first.isEnded, true);
  first.emit('close');
  assert.equal(streams.count, 1);
  assert.equal(streams.write(1, 1, Uint8Array.of(9)), true);
  assert.deepEqual([first.written.length, second.written.length], [0, 1]);
});

test('there are no more streams than the limit, and a product may always replace its own', () => {
  const streams = create(2);
  open(streams, 1);
  open(streams, 2);
  assert.equal(streams.hasRoomFor(3), false);
  assert.equal(streams.hasRoomFor(2), true);
  open(streams, 2).emit('close');
  assert.equal(streams.hasRoomFor(3), true);
  assert.equal(create(0).hasRoomFor(1), false);
});

test('a notification of another handshake is not written', () => {
  const streams = create();
  const target = open(streams, 1, 4);
  assert.equal(streams.write(1, 5, Uint8Array.of(9)), false);
  assert.equal(streams.write(2, 4, Uint8Array.of(9)), false);
  assert.equal(target.written.length, 0);
});

test('every stream gets a quiet notification once in every round, spread over the seconds', () => {
  const streams = create(1_000);
  const targets = Array.from({ length: 500 }, (_, index) => open(streams, index + 1));
  for (let second = 0; second < STREAM_SLOTS; second += 1) {
    const before = targets.reduce((sum, { written }) => sum + written.length, 0);
    streams.turn();
    const after = targets.reduce((sum, { written }) => sum + written.length, 0);
    assert.equal(after - before, 500 / STREAM_SLOTS);
  }
  assert.ok(targets.every(({ written }) => written.length === 1));
  assert.ok(STREAM_SLOTS < 60, 'within the minute that the protocol gives');
});

test('a reader that does not read is let go', () => {
  const streams = create();
  const target = open(streams, 1);
  target.writableLength = 5_000;
  assert.equal(streams.write(1, 1, Uint8Array.of(9)), false);
  assert.equal(target.destroyed, true);
  assert.equal(streams.count, 0);
});

test('when the server stops all streams end, and none is opened any more', () => {
  const streams = create();
  const target = open(streams, 1);
  streams.stop();
  assert.equal(target.isEnded, true);
  assert.equal(streams.hasRoomFor(2), false);
  assert.equal(open(streams, 2).isEnded, true);
  assert.equal(streams.count, 0);
});
