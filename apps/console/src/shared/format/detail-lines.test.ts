import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailLinesOf } from './detail-lines.ts';

test('each detail gets a name in words, and its value the meaning that its name gives it', () => {
  assert.deepEqual(
    detailLinesOf({
      group: ['Berlin', 'Floor 2'],
      permissions: ['audit:read', 'system:read'],
      maxUses: null,
      endedSessions: 3,
      expiresInMs: 60_000,
      expiresAt: '2026-11-22T08:00:00.000Z',
      isApprovalNeeded: false,
      keyThumbprint: 'abc',
    }),
    [
      { name: 'Group', value: { kind: 'text', text: 'Berlin / Floor 2' } },
      { name: 'Permissions', value: { kind: 'text', text: 'audit:read, system:read' } },
      { name: 'Max uses', value: { kind: 'nothing' } },
      { name: 'Ended sessions', value: { kind: 'number', value: 3 } },
      { name: 'Expires in', value: { kind: 'duration', durationMs: 60_000 } },
      { name: 'Expires', value: { kind: 'instant', atMs: Date.UTC(2026, 10, 22, 8) } },
      { name: 'Approval needed', value: { kind: 'truth', isTrue: false } },
      { name: 'Key thumbprint', value: { kind: 'text', text: 'abc' } },
    ],
  );
});

test('of what was and what is now, only the differences are told', () => {
  assert.deepEqual(
    detailLinesOf({
      before: { heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000, mode: null },
      after: { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 60_000, mode: 'one-way' },
    }),
    [
      {
        name: 'Heartbeat interval',
        before: { kind: 'duration', durationMs: 20_000 },
        value: { kind: 'duration', durationMs: 5_000 },
      },
      { name: 'Mode', before: { kind: 'nothing' }, value: { kind: 'text', text: 'one-way' } },
    ],
  );
});

test('what is within a value is told line by line, and nothing is lost', () => {
  assert.deepEqual(detailLinesOf({ device: { name: 'a', ports: [1, 2] }, before: 'x' }), [
    { name: 'Device: name', value: { kind: 'text', text: 'a' } },
    { name: 'Device: ports', value: { kind: 'text', text: '[1,2]' } },
    { name: 'Before', value: { kind: 'text', text: 'x' } },
  ]);
  assert.deepEqual(detailLinesOf({}), []);
});
