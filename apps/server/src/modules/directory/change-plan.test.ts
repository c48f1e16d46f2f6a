import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createChangePlan,
  describeMovedTokens,
  describeRemovedRights,
  describeRights,
} from './change-plan.ts';

test('the token of a plan changes with everything it says and stands on, and with nothing else', () => {
  const shown = { groupCount: 2, deviceCount: 5, consequences: ['One.'] };
  const basis = { kind: 'move', group: ['g', 3] };
  const { planToken } = createChangePlan(shown, basis);
  assert.equal(createChangePlan({ ...shown }, { ...basis }).planToken, planToken);
  for (const other of [
    createChangePlan({ ...shown, groupCount: 3 }, basis),
    createChangePlan({ ...shown, deviceCount: 6 }, basis),
    createChangePlan({ ...shown, consequences: ['Two.'] }, basis),
    createChangePlan(shown, { ...basis, group: ['g', 4] }),
    createChangePlan(shown, { ...basis, kind: 'removal' }),
  ]) {
    assert.notEqual(other.planToken, planToken);
  }
});

test('a plan names the keys that gain and lose sight, and no others', () => {
  const keys = (['berlin', 'germany', 'paris', 'room'] as const).map((name) => ({
    kind: 'api-key' as const,
    name,
    groupIds: [name],
  }));
  assert.deepEqual(describeRights(keys, ['top', 'germany', 'berlin'], ['top', 'germany', 'bonn']), [
    'The API key "berlin" loses sight of it.',
  ]);
  assert.deepEqual(describeRights(keys, ['top', 'germany', 'berlin'], ['top', 'paris']), [
    'The API keys "berlin", "germany" lose sight of it.',
    'The API key "paris" gains sight of it.',
  ]);
  assert.deepEqual(describeRights(keys, ['top'], ['top']), []);
});

test('a plan names the administrators whose rights change, by all their groups', () => {
  const bob = { kind: 'administrator', name: 'bob', groupIds: ['berlin', 'paris'] } as const;
  assert.deepEqual(describeRights([bob], ['top', 'berlin'], ['top', 'paris']), []);
  assert.deepEqual(describeRights([bob], ['top', 'rome'], ['top', 'paris']), [
    'The administrator "bob" gains rights over it.',
  ]);
  assert.deepEqual(describeRemovedRights([bob], ['paris']), []);
  assert.deepEqual(describeRemovedRights([bob], ['paris', 'berlin', 'rome']), [
    'The administrator "bob" has no group left to look after.',
  ]);
});

test('long lists of names end with a number', () => {
  const tokens = Array.from({ length: 12 }, (_, index) => ({ name: `t${index + 10}` }));
  const [sentence = ''] = describeMovedTokens(tokens);
  assert.match(sentence, /"t19" and 2 more put their devices there too\.$/);
});
