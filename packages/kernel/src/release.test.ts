import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareReleases, isRelease } from './release.ts';

test('releases stand in the order in which they appear', () => {
  const inOrder = [
    '0.1.0',
    '0.2.0-alpha',
    '0.2.0-alpha.1',
    '0.2.0-alpha.2',
    '0.2.0-alpha.11',
    '0.2.0-alpha.beta',
    '0.2.0-rc.1',
    '0.2.0',
    '0.9.1',
    '0.10.0',
    '1.0.0',
    '10.0.0',
  ];
  for (const [index, one] of inOrder.entries()) {
    for (const [otherIndex, other] of inOrder.entries())
      assert.equal(Math.sign(compareReleases(one, other)), Math.sign(index - otherIndex), `${one} ${other}`);
  }
});

test('what names no release is not compared', () => {
  for (const text of [
    '',
    '1',
    '1.2',
    '01.2.3',
    '1.2.3.4',
    'v1.2.3',
    '1.2.3-',
    '1.2.3-a..b',
    '1.2.3 ',
    '1.2.x',
  ]) {
    assert.equal(isRelease(text), false, text);
    assert.throws(() => compareReleases(text, '1.0.0'), RangeError);
    assert.throws(() => compareReleases('1.0.0', text), RangeError);
  }
});
