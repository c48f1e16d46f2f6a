import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTroubles, encodeTroubles, troubles } from './troubles.ts';
import { activityItems, decodeActivity, encodeActivity } from './activity-items.ts';

test('all known items survive the way through the wire form', () => {
  const activity = {
    uptimeS: 86_400,
    loadAverageHundredths: 160,
    memoryInUsePercent: 55,
    agentMemoryKiB: 40_960,
    systemVolumeFreePercent: 64,
    troubles: 513,
  };
  const items = encodeActivity(activity);
  assert.deepEqual(decodeActivity(items), activity);
  assert.deepEqual(
    items.map(({ id }) => id),
    [1, 2, 3, 4, 5, 6],
  );
});

test('values saturate, are rounded, and a value that is no number is left out', () => {
  const items = encodeActivity({
    uptimeS: 2 ** 40,
    loadAverageHundredths: -5,
    memoryInUsePercent: 12.6,
    agentMemoryKiB: Number.NaN,
    systemVolumeFreePercent: Number.POSITIVE_INFINITY,
  });
  assert.deepEqual(decodeActivity(items), {
    uptimeS: 2 ** 32 - 1,
    loadAverageHundredths: 0,
    memoryInUsePercent: 13,
    systemVolumeFreePercent: 255,
  });
});

test('unknown ids and wrong lengths are left out', () => {
  const items = [
    { id: 900, value: Uint8Array.of(1) },
    { id: activityItems.uptimeS.id, value: Uint8Array.of(1) },
  ];
  assert.deepEqual(decodeActivity(items), {});
});

test('troubles keep their bits, and bits that are not known yet are left out', () => {
  assert.equal(encodeTroubles(new Set(['logs-refused', 'disk-full'])), 0b101);
  assert.deepEqual(decodeTroubles(0b1000_0000_0000_0101), ['disk-full', 'logs-refused']);
  for (const [place, trouble] of troubles.entries())
    assert.equal(encodeTroubles(new Set([trouble])), 2 ** place);
});

test('ids are unique: they are append-only numbers', () => {
  const ids = Object.values(activityItems).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
