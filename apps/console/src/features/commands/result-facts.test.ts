import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resultChecksOf, resultFactsOf } from './result-facts.ts';

test('the result of an inventory is told in its key facts', () => {
  const result = {
    collectedAt: '2026-11-22T08:00:00.000Z',
    durationMs: 840,
    facts: {
      system: { name: 'Debian 12', kernel: '6.12' },
      memory: { totalBytes: 1024 },
      disks: [{ name: 'sda', sizeBytes: 10, encryption: 'encrypted' }, { name: 'sdb' }],
      interfaces: [{ addresses: ['10.0.0.1', 7] }, { addresses: ['fe80::1'] }],
      agent: { version: '0.1.0' },
    },
  };
  assert.deepEqual(resultFactsOf(result), [
    { kind: 'instant', name: 'collectedAt', at: '2026-11-22T08:00:00.000Z' },
    { kind: 'duration', name: 'durationMs', durationMs: 840 },
    { kind: 'text', name: 'system', text: 'Debian 12' },
    { kind: 'text', name: 'kernel', text: '6.12' },
    { kind: 'bytes', name: 'memory', bytes: 1024 },
    { kind: 'disk', name: 'disks', disk: 'sda', sizeBytes: 10, encryption: 'encrypted' },
    { kind: 'text', name: 'addresses', text: '10.0.0.1, fe80::1' },
    { kind: 'text', name: 'agent', text: '0.1.0' },
  ]);
});

test('a result that only says whether something changed is told so', () => {
  assert.deepEqual(resultFactsOf({ digest: 'abc', changed: false }), [
    { kind: 'changed', name: 'changed', isChanged: false },
  ]);
});

test('who was shown a message is told, and that nobody was', () => {
  const users = [{ name: 'anna', ways: ['terminal', 7] }, { name: 'ben' }, 'odd', { ways: [] }];
  assert.deepEqual(resultFactsOf({ users }), [
    {
      kind: 'reached',
      name: 'users',
      users: [
        { name: 'anna', ways: ['terminal'] },
        { name: 'ben', ways: [] },
      ],
    },
  ]);
  assert.deepEqual(resultFactsOf({ users: [] }), [{ kind: 'reached', name: 'users', users: [] }]);
});

test('when a device goes down is a moment, and a number that is none is left out', () => {
  assert.deepEqual(resultFactsOf({ goesDownAt: 0 }), [
    { kind: 'instant', name: 'goesDownAt', at: '1970-01-01T00:00:00.000Z' },
  ]);
  for (const goesDownAt of [1e300, Number.NaN, '5']) assert.deepEqual(resultFactsOf({ goesDownAt }), []);
});

test('an unknown state of encryption is unknown, not encrypted', () => {
  const [fact] = resultFactsOf({ disks: [{ name: 'sda', sizeBytes: 1, encryption: 'maybe' }] });
  assert.equal(fact?.kind === 'disk' ? fact.encryption : '', 'unknown');
});

test('no result whatsoever makes the facts fail', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('facts', 'system', 'disks', 'interfaces', 'users', 'goesDownAt', 'forMinutes', 'x'),
        fc.anything(),
      ),
      (result) => {
        assert.ok(Array.isArray(resultFactsOf(result)));
      },
    ),
  );
});

test('the checks of a health check come worst first, and what is no check is left out', () => {
  const checks = [
    { name: 'Clock', state: 'ok', text: 'Right.' },
    { name: 'Disk', state: 'failed', text: 'Full.' },
    { name: 'Odd', state: 'purple' },
    { name: 'Memory', state: 'warning', text: 'Much.' },
    7,
  ];
  assert.deepEqual(resultChecksOf({ checks }), [
    { name: 'Disk', state: 'failed', text: 'Full.' },
    { name: 'Memory', state: 'warning', text: 'Much.' },
    { name: 'Clock', state: 'ok', text: 'Right.' },
    { name: 'Odd', state: undefined, text: '' },
  ]);
  assert.deepEqual(resultChecksOf({ checks: 'none' }), []);
});
