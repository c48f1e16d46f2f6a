import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFirmwareText } from './firmware-text.ts';

test('what nobody filled in is no fact, on every system', () => {
  for (const text of [
    'To Be Filled By O.E.M.',
    'To be filled by OEM',
    'None',
    'Default string',
    'System Serial Number',
    'System Product Name',
    'Base Board Serial Number',
    'Not Specified',
    'N/A',
    '0',
    '00000000',
    'XXXXXXXXXX',
    '...............',
    '0123456789',
    '123456789',
    ' \0',
    '',
    undefined,
  ]) {
    assert.equal(toFirmwareText(text), undefined, String(text));
  }
});

test('what says something stays, without what ends it in the device tree', () => {
  for (const text of ['PF4ABCDE', '100000000a1b2c3d', 'OptiPlex 7090', 'None-Such 12', 'X1', '10']) {
    assert.equal(toFirmwareText(text), text);
  }
  assert.equal(toFirmwareText('Raspberry Pi 4 Model B Rev 1.4\0'), 'Raspberry Pi 4 Model B Rev 1.4');
});
