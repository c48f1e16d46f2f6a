import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { decodeDatagram, type Datagram } from './datagram.ts';
import {
  type DatagramVectors,
  joinBytes,
  keyOf,
  readVectors,
  refusalOf,
  toVectorDatagram,
} from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';

const vectors = readVectors<DatagramVectors>('datagrams.json');
const master = createSecretKey(Buffer.from(vectors.masterKey, 'hex'));
const isForServer = (type: unknown): boolean =>
  type === 'heartbeat' || type === 'probe' || type === 'notification-acknowledgement';

test('there are vectors of each kind', () => {
  assert(vectors.valid.length >= 7);
  assert(vectors.tolerated.length >= 2);
  assert(vectors.refused.length >= 20);
});

for (const vector of [...vectors.valid, ...vectors.tolerated]) {
  const { decoded } = vector;
  const bytes = joinBytes(vector);
  const { productNumber, epoch } = decoded;

  test(`decodes: ${vector.name}`, () => {
    assert.deepEqual(toVectorDatagram(decodeDatagram(bytes)), decoded);
    const { verified, ...datagram } = keyOf(productNumber, epoch, master).verify(bytes);
    assert.equal(verified, true);
    assert.deepEqual(toVectorDatagram(datagram), decoded);
  });

  test(`the server reads: ${vector.name}`, () => {
    const verifier = new DatagramVerifier(master);
    if (!isForServer(decoded['type'])) {
      assert.equal(verifier.verify(bytes), 'DATAGRAM_TYPE_UNKNOWN');
      return;
    }
    assert.equal(verifier.verify(bytes), decoded['type']);
    const header = {
      productNumber: verifier.productNumber,
      epoch: verifier.epoch,
      sequence: verifier.sequence,
    };
    const seen =
      decoded['type'] !== 'heartbeat'
        ? { type: decoded['type'], ...header, nonce: verifier.copyNonce() }
        : {
            type: 'heartbeat',
            ...header,
            goingAway: verifier.isGoingAway,
            serviceState: verifier.serviceState,
            waitingLogEntries: verifier.waitingLogEntries,
            policyRevision: verifier.policyRevision,
            componentSetDigest: verifier.copyComponentSetDigest(),
            items: verifier.listItems(),
          };
    assert.deepEqual(toVectorDatagram(seen), decoded);
    if (decoded['type'] === 'heartbeat') assert.equal(verifier.hasItems, bytes.length > 56);
  });
}

for (const vector of vectors.valid) {
  test(`encodes to the same bytes: ${vector.name}`, () => {
    const bytes = joinBytes(vector);
    const { productNumber, epoch } = vector.decoded;
    const datagram: Datagram = decodeDatagram(bytes);
    assert.deepEqual(Buffer.from(keyOf(productNumber, epoch, master).seal(datagram)), bytes);
  });
}

for (const vector of vectors.refused) {
  const bytes = joinBytes(vector);

  test(`is refused with ${vector.code}: ${vector.name}`, () => {
    const verifier = new DatagramVerifier(master);
    const outcome = verifier.verify(bytes);
    // What the server sends never comes to it; the product's side says what is wrong with it.
    const isFromServer = bytes[1] === 2 || bytes[1] === 4 || bytes[1] === 5;
    assert.equal(outcome, isFromServer ? 'DATAGRAM_LENGTH' : vector.code);
    assert.equal(
      refusalOf(() => keyOf(1, 1, master).verify(bytes)),
      vector.code,
    );
  });
}
