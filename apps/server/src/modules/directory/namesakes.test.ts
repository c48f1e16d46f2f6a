import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDistinctions, type NamedDevice } from './namesakes.ts';

function device(number: number, more: Partial<NamedDevice> = {}): NamedDevice {
  return {
    id: `id-${number}`,
    productNumber: number,
    serialNumber: '',
    assetTag: '',
    owner: '',
    address: '10.0.0.1',
    groupNames: ['Berlin'],
    ...more,
  };
}

function texts(...devices: readonly NamedDevice[]): readonly (string | undefined)[] {
  const distinctions = describeDistinctions(devices);
  return devices.map(({ id }) => distinctions.get(id));
}

test('only what differs is said', () => {
  assert.deepEqual(texts(device(1, { serialNumber: 'A' }), device(2, { serialNumber: 'B' })), ['A', 'B']);
  assert.deepEqual(texts(device(1, { address: '10.0.0.2' }), device(2)), ['10.0.0.2', '10.0.0.1']);
  assert.deepEqual(
    texts(device(1, { assetTag: 'A-1', owner: 'Ada' }), device(2, { assetTag: 'A-1', owner: 'Bob' })),
    ['Ada', 'Bob'],
  );
  assert.deepEqual(
    texts(device(1, { groupNames: ['Berlin', 'Lab'], serialNumber: 'A' }), device(2, { serialNumber: 'A' })),
    ['Berlin / Lab', 'Berlin'],
  );
});

test('where that is not enough, the number of the product is', () => {
  assert.deepEqual(texts(device(1), device(2)), ['#1', '#2']);
  assert.deepEqual(texts(device(1, { serialNumber: 'A' }), device(2), device(3)), ['A', '#2', '#3']);
});

test('a device that is alone needs no distinction', () => {
  assert.deepEqual(texts(device(1)), [undefined]);
});
