import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { activityItems } from './activity-items.ts';
import type { Datagram } from './datagram.ts';
import { keyOf, masterKey, refusalOf } from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';

// Objects as code writes them, so that they can be compared.
const plain = { noNullPrototype: true };
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const header = {
  productNumber: fc.integer({ min: 1, max: limits.maxProductNumber }),
  epoch: fc.integer({ min: 1, max: limits.maxEpoch }),
  sequence: fc.integer({ min: 1, max: limits.maxSequence }),
};

/** Known ones have a length of their own. */
const firstUnknownId = Math.max(...Object.values(activityItems).map(({ id }) => id)) + 1;

const items = fc
  .uniqueArray(
    fc.record(
      { id: fc.integer({ min: firstUnknownId, max: 65_535 }), value: fc.uint8Array({ maxLength: 8 }) },
      plain,
    ),
    {
      maxLength: 30,
      selector: ({ id }) => id,
    },
  )
  .map((list) => list.sort((left, right) => left.id - right.id));

const datagram: fc.Arbitrary<Datagram> = fc.oneof(
  fc.record(
    {
      type: fc.constant('heartbeat' as const),
      ...header,
      goingAway: fc.boolean(),
      serviceState: fc.constantFrom('unknown' as const, 'running' as const, 'stopped' as const),
      waitingLogEntries: fc.integer({ min: 0, max: 65_535 }),
      policyRevision: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      componentSetDigest: bytesOf(8),
      items,
    },
    plain,
  ),
  fc.record(
    {
      type: fc.constant('heartbeat-acknowledgement' as const),
      ...header,
      commandsWait: fc.boolean(),
      handshakeAgain: fc.boolean(),
      idle: fc.boolean(),
      nextIntervalMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      serverTimeMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    },
    plain,
  ),
  fc.record(
    {
      type: fc.constantFrom(
        'probe' as const,
        'probe-acknowledgement' as const,
        'notification-acknowledgement' as const,
      ),
      ...header,
      nonce: bytesOf(16),
    },
    plain,
  ),
  fc.record(
    {
      type: fc.constant('notification' as const),
      ...header,
      commandsWait: fc.boolean(),
      handshakeAgain: fc.boolean(),
      nonce: bytesOf(16),
    },
    plain,
  ),
);

test('what is sealed is verified as the same datagram', () => {
  fc.assert(
    fc.property(datagram, (value) => {
      const key = keyOf(value.productNumber, value.epoch);
      const { verified: _, ...read } = key.verify(key.seal(value));
      assert.deepEqual(read, value);
    }),
  );
});

test('one changed byte anywhere is refused by the product and by the server', () => {
  const verifier = new DatagramVerifier(masterKey);
  fc.assert(
    fc.property(datagram, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
      const key = keyOf(value.productNumber, value.epoch);
      const bytes = key.seal(value);
      const index = place % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ change;
      assert.notEqual(
        refusalOf(() => key.verify(bytes)),
        undefined,
      );
      assert.match(verifier.verify(bytes), /^DATAGRAM_/);
    }),
  );
});

test('every answer of the verifier is verified by the product and is no longer than the question', () => {
  const verifier = new DatagramVerifier(masterKey);
  const answer = {
    commandsWait: fc.boolean(),
    handshakeAgain: fc.boolean(),
    idle: fc.boolean(),
    nextIntervalMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    serverTimeMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  };
  fc.assert(
    fc.property(datagram, fc.record(answer, plain), (value, content) => {
      const key = keyOf(value.productNumber, value.epoch);
      const bytes = key.seal(value);
      const verified = verifier.verify(bytes);
      const out = new Uint8Array(limits.minDatagramBytes);
      const { productNumber, epoch, sequence } = value;
      if (verified === 'heartbeat') {
        verifier.acknowledgeHeartbeat(out, content);
        const { verified: _, ...read } = key.verify(out);
        assert.deepEqual(read, {
          type: 'heartbeat-acknowledgement',
          productNumber,
          epoch,
          sequence,
          ...content,
        });
      } else if (verified === 'probe' && value.type === 'probe') {
        verifier.acknowledgeProbe(out);
        const { verified: _, ...read } = key.verify(out);
        assert.deepEqual(read, { ...value, type: 'probe-acknowledgement' });
      } else if (value.type === 'notification-acknowledgement') assert.equal(verified, value.type);
      else assert.equal(verified, 'DATAGRAM_TYPE_UNKNOWN');
      assert(out.length <= bytes.length);
    }),
  );
});
