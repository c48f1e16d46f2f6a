import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { parseWebhookAddress } from './webhook-address.ts';

const strict = { allowsLoopback: false };
const lenient = { allowsLoopback: true };

function refuses(text: string, rules = strict): void {
  assert.throws(
    () => parseWebhookAddress(text, rules),
    (error) => hasCode(error, 'WEBHOOK_URL_INVALID'),
    text,
  );
}

test('an address is taken in its normal form', () => {
  assert.equal(
    parseWebhookAddress('HTTPS://Desk.Example.org/a?b=c', strict).href,
    'https://desk.example.org/a?b=c',
  );
});

test('only https is taken, and http to this computer where that is allowed', () => {
  for (const text of [
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'javascript:0',
    'x',
    '',
  ])
    for (const rules of [strict, lenient]) refuses(text, rules);
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    refuses(`http://${host}:8080/`);
    assert.equal(parseWebhookAddress(`http://${host}:8080/`, lenient).port, '8080');
  }
  for (const host of ['localhost.example.org', '127.0.0.1.example.org', '128.0.0.1', '10.0.0.1'])
    refuses(`http://${host}/`, lenient);
});

test('credentials and fragments are refused', () => {
  for (const text of [
    'https://user@example.org/',
    'https://:secret@example.org/',
    'https://example.org/#part',
  ])
    refuses(text);
});
