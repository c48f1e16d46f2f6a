import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchFingerprint } from './fingerprint-match.ts';

const fingerprint = 'ab12'.repeat(16);

test('the same fingerprint is the same however it is written', () => {
  for (const typed of [
    fingerprint,
    ` ${fingerprint.toUpperCase()}\n`,
    (fingerprint.match(/../gu) ?? []).join(':'),
    (fingerprint.match(/.{8}/gu) ?? []).join(' '),
    `SHA256:${fingerprint}`,
    `sha-256 ${fingerprint}`,
  ])
    assert.equal(matchFingerprint(typed, fingerprint), 'same', typed);
});

test('nothing less and nothing else is the same', () => {
  assert.equal(matchFingerprint('  ', fingerprint), 'empty');
  assert.equal(matchFingerprint(fingerprint.slice(0, -1), fingerprint), 'unfinished');
  assert.equal(matchFingerprint(`${fingerprint}0`, fingerprint), 'other');
  assert.equal(matchFingerprint(`${fingerprint.slice(0, -1)}3`, fingerprint), 'other');
  assert.equal(matchFingerprint('yes', fingerprint), 'other');
});
