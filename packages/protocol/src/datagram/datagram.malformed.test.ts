import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import { decodeDatagram, encodeDatagram } from './datagram.ts';
import { keyOf, masterKey, refusalOf, sampleDatagrams, sampleHeartbeat } from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';

const key = keyOf(42, 3);
const verifier = new DatagramVerifier(masterKey);

for (const datagram of sampleDatagrams) {
  const bytes = key.seal(datagram);
  const name = `${datagram.type} of ${bytes.length} bytes`;

  test(`a ${name} cut at any length is refused by every reader`, () => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      const wanted = length < limits.minDatagramBytes ? 'DATAGRAM_LENGTH' : 'DATAGRAM_MAC_INVALID';
      assert.equal(
        refusalOf(() => key.verify(cut)),
        wanted,
        `length ${length}`,
      );
      assert.notEqual(verifier.verify(cut), datagram.type, `length ${length}`);
      // Without the code there is nothing but the form to refuse; some shorter heartbeat may be well formed.
      if (length < limits.minDatagramBytes)
        assert.equal(
          refusalOf(() => decodeDatagram(cut)),
          'DATAGRAM_LENGTH',
        );
    }
  });

  test(`a ${name} with bytes behind it is refused by every reader`, () => {
    for (let extra = 1; extra <= limits.maxDatagramBytes + 1 - bytes.length; extra++) {
      const longer = Buffer.concat([bytes, Buffer.alloc(extra)]);
      const refusal = refusalOf(() => key.verify(longer));
      const isHeartbeat = datagram.type === 'heartbeat' && longer.length <= limits.maxDatagramBytes;
      assert.equal(refusal, isHeartbeat ? 'DATAGRAM_MAC_INVALID' : 'DATAGRAM_LENGTH', `${extra} more`);
      assert.notEqual(verifier.verify(longer), datagram.type, `${extra} more`);
    }
  });

  test(`a ${name} under a foreign key is refused`, () => {
    assert.equal(
      refusalOf(() => keyOf(42, 4).verify(bytes)),
      'DATAGRAM_MAC_INVALID',
    );
    assert.equal(
      refusalOf(() => keyOf(43, 3).verify(bytes)),
      'DATAGRAM_MAC_INVALID',
    );
  });
}

test('a heartbeat may have 32 activity items and 512 bytes, and not one more', () => {
  const items = Array.from({ length: 32 }, (_, index) => ({ id: 100 + index, value: new Uint8Array(10) }));
  const most = items.map((item, index) => (index === 31 ? { ...item, value: new Uint8Array(18) } : item));
  const bytes = key.seal({ ...sampleHeartbeat, items: most });
  assert.equal(bytes.length, limits.maxDatagramBytes);
  assert.equal(verifier.verify(bytes), 'heartbeat');
  assert.equal(verifier.listItems().length, 32);
  const wider = items.map((item, index) => (index === 31 ? { ...item, value: new Uint8Array(19) } : item));
  assert.throws(() => encodeDatagram({ ...sampleHeartbeat, items: wider }), RangeError);
  const more = Array.from({ length: 33 }, (_, index) => ({ id: 100 + index, value: new Uint8Array(0) }));
  assert.throws(() => encodeDatagram({ ...sampleHeartbeat, items: more }), RangeError);
});

test('a field that does not fit is a fault of the caller, and nothing is sent', () => {
  const wrong = [
    { productNumber: 0 },
    { productNumber: 2 ** 53 },
    { productNumber: Number.NaN },
    { epoch: 0 },
    { epoch: 2 ** 32 },
    { sequence: 0 },
    { sequence: 1.5 },
    { policyRevision: -1 },
    { policyRevision: 2 ** 32 },
    { waitingLogEntries: -1 },
    { componentSetDigest: new Uint8Array(7) },
    { items: [{ id: 0, value: new Uint8Array(1) }] },
    { items: [{ id: 65_536, value: new Uint8Array(1) }] },
    { items: [{ id: 1, value: new Uint8Array(3) }] },
    {
      items: [
        { id: 9, value: new Uint8Array(1) },
        { id: 9, value: new Uint8Array(1) },
      ],
    },
  ];
  for (const fields of wrong) {
    assert.throws(
      () => encodeDatagram({ ...sampleHeartbeat, ...fields }),
      RangeError,
      JSON.stringify(fields),
    );
  }
});

test('the number of waiting log entries saturates', () => {
  const decoded = decodeDatagram(key.seal({ ...sampleHeartbeat, waitingLogEntries: 1_000_000 }));
  assert.equal(decoded.type === 'heartbeat' && decoded.waitingLogEntries, 65_535);
});
