import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFirstSteps, type StartingPoint } from './first-steps.ts';

const fresh: StartingPoint = {
  deviceCount: 1,
  mayEnrol: true,
  backup: { at: null },
  isLoopbackOnly: false,
};
const open = (point: StartingPoint): readonly string[] =>
  planFirstSteps(point)
    .filter(({ isDone }) => !isDone)
    .map(({ step }) => step);

test('on a new server another computer and a backup are missing', () => {
  assert.deepEqual(open(fresh), ['enrol', 'backup']);
});

test('an address is missing only where no other computer can reach the server', () => {
  assert.deepEqual(open({ ...fresh, isLoopbackOnly: true }), ['enrol', 'backup', 'address']);
});

test('what is done stays in the list until all of it is', () => {
  const enrolled = { ...fresh, deviceCount: 2 };
  assert.deepEqual(planFirstSteps(enrolled), [
    { step: 'enrol', isDone: true },
    { step: 'backup', isDone: false },
  ]);
  assert.deepEqual(planFirstSteps({ ...enrolled, backup: { at: '2026-11-01T00:00:00.000Z' } }), []);
});

test('nobody is asked for what is not theirs to do or not known yet', () => {
  assert.deepEqual(
    planFirstSteps({ deviceCount: 0, mayEnrol: false, backup: undefined, isLoopbackOnly: undefined }),
    [],
  );
});
