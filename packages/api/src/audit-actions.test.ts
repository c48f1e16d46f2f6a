import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditActions, auditActionText, auditActionTexts, auditObjectText } from './audit-actions.ts';

test('an action that is known is told in its own words', () => {
  assert.equal(auditActionText('api-key.revoked'), 'API key revoked');
  assert.equal(auditActionText('session.started'), 'Signed in');
  assert.equal(auditObjectText('api-key'), 'API key');
});

test('an action that is not known is spelled out, and nothing is taken for one that is only inherited', () => {
  assert.equal(auditActionText('thing.was-removed'), 'Thing was removed');
  assert.equal(auditActionText('constructor'), 'Constructor');
  assert.equal(auditObjectText('toString'), 'ToString');
  assert.equal(auditActionText(''), '');
});

test('no two actions read the same, and none calls a device a product', () => {
  assert.equal(new Set(Object.values(auditActionTexts)).size, auditActions.length);
  for (const action of auditActions) {
    assert.match(auditActionTexts[action], /^[A-Z][A-Za-z -]+$/, action);
    assert.doesNotMatch(auditActionTexts[action], /product/i, action);
  }
});
