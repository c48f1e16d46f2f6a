import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLanes, commandReaches, productTroubles } from '@holdfast/api';
import { lanes, reaches, troubles } from '@holdfast/protocol';

// The contract of the console and the protocol of the agents know nothing of each other; these words they share.

test('lanes, reaches and troubles have the same names in the API as in the protocol', () => {
  assert.deepEqual([...commandLanes], [...lanes]);
  assert.deepEqual([...commandReaches], [...reaches]);
  assert.deepEqual([...productTroubles], [...troubles]);
});
