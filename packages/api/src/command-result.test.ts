import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readResult } from './command-result.ts';

const level = { title: 'Level', anyOf: [{ const: 'warn', title: 'Warnings' }, { const: 'debug' }] };
const schema = {
  type: 'object',
  properties: {
    level,
    digest: { type: 'string', title: 'Digest', isDetail: true },
    changed: { type: 'boolean', title: 'Facts', whenTrue: 'changed', whenFalse: 'the same' },
    isDone: { type: 'boolean' },
    count: { type: 'integer', title: 'Files', unit: 'files' },
    size: { type: 'integer', title: 'Size', unit: 'B' },
    took: { type: 'integer', title: 'Took', unit: 's' },
    at: { type: 'integer', title: 'Goes down', form: 'instant' },
    names: { type: 'array', title: 'Names', items: { type: 'string' } },
    users: {
      type: 'array',
      title: 'Shown to',
      whenEmpty: 'nobody',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          ways: { type: 'array', items: { type: 'string' }, whenEmpty: 'not shown' },
        },
      },
    },
    checks: {
      type: 'array',
      title: 'Checks',
      form: 'checks',
      items: {
        type: 'object',
        properties: {
          state: { anyOf: [{ const: 'ok', title: 'Well' }, { const: 'warning' }, { const: 'failed' }] },
        },
      },
    },
  },
};

/** What is told of one value, without its name and title. */
function valueOf(name: string, value: unknown): unknown {
  const [fact] = readResult(schema, { [name]: value }).facts;
  if (fact === undefined) return undefined;
  const { name: _name, title: _title, ...rest } = fact;
  return rest;
}

test('each value is told under its title, in the order of the schema', () => {
  const { facts, others } = readResult(schema, { took: 90, level: 'warn', digest: 'abc', isDone: true });
  assert.deepEqual(facts, [
    { name: 'level', title: 'Level', kind: 'text', text: 'Warnings' },
    { name: 'isDone', title: 'Is done', kind: 'text', text: 'yes' },
    { name: 'took', title: 'Took', kind: 'duration', durationMs: 90_000 },
  ]);
  assert.deepEqual(others, {}, 'a detail is known, and nobody looks for it first');
});

test('a value is told as its schema means it', () => {
  const cases = [
    ['changed', false, { kind: 'text', text: 'the same' }],
    ['count', 3, { kind: 'number', value: 3, unit: 'files' }],
    ['size', 1_024, { kind: 'bytes', bytes: 1_024 }],
    ['at', 0, { kind: 'instant', at: '1970-01-01T00:00:00.000Z' }],
    ['names', ['a', 'b'], { kind: 'list', items: ['a', 'b'], omittedCount: 0 }],
    ['users', [], { kind: 'text', text: 'nobody' }],
    [
      'users',
      [{ name: 'anna', ways: ['terminal', 'desktop'] }, { name: 'ben', ways: [] }, { name: 'eva' }],
      { kind: 'list', items: ['anna (terminal, desktop)', 'ben (not shown)', 'eva'], omittedCount: 0 },
    ],
    ['level', 'trace', { kind: 'text', text: 'trace' }],
  ] as const;
  for (const [name, value, expected] of cases) assert.deepEqual(valueOf(name, value), expected, name);
});

test('the checks of a device come worst first, and a state that nobody knows is none of them', () => {
  const checks = [
    { name: 'clock', state: 'ok', text: 'Right.' },
    { name: 'disk-space', state: 'failed', text: 'Full.' },
    { name: 'odd', state: 'purple' },
    { name: 'memory', state: 'warning', text: 'Much.' },
  ];
  assert.deepEqual(valueOf('checks', checks), {
    kind: 'checks',
    omittedCount: 0,
    checks: [
      { name: 'Disk space', state: 'failed', stateText: 'failed', text: 'Full.' },
      { name: 'Memory', state: 'warning', stateText: 'warning', text: 'Much.' },
      { name: 'Clock', state: 'ok', stateText: 'Well', text: 'Right.' },
      { name: 'Odd', state: undefined, stateText: 'purple', text: '' },
    ],
  });
});

test('what is not as the schema says is told as it is, and so is what it does not know', () => {
  const wrong = {
    level: 7,
    changed: 'yes',
    count: '3',
    took: -1,
    at: 1e300,
    names: ['a', 7],
    users: [{ ways: [] }, 'odd'],
    checks: [{ name: 'clock', state: 'ok' }, 7],
    more: { a: 1 },
  };
  assert.deepEqual(readResult(schema, wrong), { facts: [], others: wrong });
  assert.deepEqual(readResult(undefined, { blinked: 3 }), { facts: [], others: { blinked: 3 } });
  assert.deepEqual(readResult({ properties: { constructor: { type: 'string' } } }, {}).facts, []);
});

test('a device that says too much does not fill the page', () => {
  const many = Array.from({ length: 150 }, (_, index) => `name ${index}`);
  const names = readResult(schema, { names: many }).facts[0];
  assert.ok(names?.kind === 'list' && names.items.length === 100 && names.omittedCount === 50);
  const [text] = readResult(schema, { level: 'x'.repeat(60_000) }).facts;
  assert.ok(text?.kind === 'text' && text.text.length <= 501);
});

test('no result whatsoever makes the reading fail', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(schema.properties), '__proto__', 'x'), fc.anything()),
      (result) => {
        const { facts, others } = readResult(schema, result);
        const told = facts.length + Object.keys(others).length + (Object.hasOwn(result, 'digest') ? 1 : 0);
        assert.equal(told, Object.keys(result).length, 'every value is told once');
      },
    ),
  );
});
