import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcessMessage, parseProcessRequest, type ProcessMessage } from './process-messages.ts';

const messages: readonly ProcessMessage[] = [
  { event: 'progress', text: 'Starting' },
  {
    event: 'ready',
    home: '/srv',
    version: '1.0.0',
    addresses: ['https://localhost:8443'],
    setupLink: null,
    setupLinkExpiresAt: null,
  },
  { event: 'failed', code: 'PORT_IN_USE', message: 'It is in use.', remedy: 'Take another.' },
  { event: 'failed', code: 'PORT_IN_USE', message: 'It is in use.' },
  { event: 'local-enrolment-token', tokenString: 'hf1' },
];

test('every message comes through as it was sent, and loses what does not belong to it', () => {
  for (const message of messages) {
    assert.deepEqual(parseProcessMessage({ ...message, extra: 1 }), message);
  }
  assert.deepEqual(parseProcessRequest({ request: 'local-enrolment-token', extra: 1 }), {
    request: 'local-enrolment-token',
  });
});

test('a message that lacks something, or has it in another form, is none', () => {
  for (const message of messages) {
    for (const key of Object.keys(message).filter((name) => name !== 'remedy')) {
      assert.equal(parseProcessMessage({ ...message, [key]: undefined }), undefined, key);
      assert.equal(parseProcessMessage({ ...message, [key]: 7 }), undefined, key);
    }
  }
  for (const value of [undefined, null, 'ready', [], {}, { event: 'ready' }, { event: 'toString' }]) {
    assert.equal(parseProcessMessage(value), undefined);
    assert.equal(parseProcessRequest(value), undefined);
  }
});
