import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogsEvent, mayFit } from './log-match.ts';

const device = '0198c5a0-1c2d-7abc-8def-0123456789ac';
const event: LogsEvent = { type: 'logs', deviceId: device, count: 2, highestSeverity: 'warning' };

test('new entries that cannot fit what is shown are not announced in it', () => {
  assert.equal(mayFit(event, {}), true);
  assert.equal(mayFit(event, { device }), true);
  assert.equal(mayFit(event, { device: device.replace('c', 'd') }), false);
  assert.equal(mayFit(event, { severity: 'warning' }), true);
  assert.equal(mayFit(event, { severity: 'error' }), false);
  assert.equal(mayFit(event, { to: '2026-11-22T09:00:00Z' }), false);
});

test('entries of nobody knows which device may fit anything that has not ended', () => {
  const unknown: LogsEvent = { type: 'logs', deviceId: null, count: null, highestSeverity: null };
  assert.equal(mayFit(unknown, { device, severity: 'critical' }), true);
});
