import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@holdfast/trust';
import { createMessage, createWebhookSecret, type SentEvent, signMessage } from './webhook-message.ts';

const event: SentEvent = {
  id: '019ab2c5-0000-7000-8000-000000000001',
  type: 'device.moved',
  objectKind: 'device',
  objectId: 'x',
  groupIds: null,
  data: { name: 'Büro' },
  occurredAt: new Date(0),
};

test('a message is signed as Standard Webhooks says', () => {
  // The example of the specification's own libraries.
  const headers = signMessage(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
    [new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
    1_614_265_330_999,
  );
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('two secrets make two signatures', () => {
  const message = createMessage('w', [event]);
  const secrets = [createWebhookSecret(), createWebhookSecret()];
  const [first, second] = secrets.map((secret) => signMessage(message, [secret], 0)['webhook-signature']);
  assert.equal(signMessage(message, secrets, 0)['webhook-signature'], `${first} ${second}`);
});

test('the id of a message follows from its events and its webhook, and from nothing else', () => {
  const other = { ...event, id: '019ab2c5-0000-7000-8000-000000000002' };
  const { id } = createMessage('w', [event]);
  assert.equal(createMessage('w', [{ ...event, data: {} }]).id, id);
  const others = [
    createMessage('w', [other]),
    createMessage('w', [event, other]),
    createMessage('v', [event]),
  ];
  assert.equal(new Set([id, ...others.map((one) => one.id)]).size, 4);
});

test('a secret has 32 random bytes behind its prefix', () => {
  const [one, other] = [createWebhookSecret().reveal(), createWebhookSecret().reveal()];
  assert.match(one, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(one, other);
});
