import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { limits } from '../limits.ts';
import { ClaimAnswerSchema, ClaimRequestSchema, ReportsRequestSchema } from './command.ts';
import { HandshakeAnswerSchema } from './handshake.ts';
import { InventoryRequestSchema } from './inventory.ts';
import {
  findBrokenJsonBound,
  parseHandshakeRequest,
  parseJson,
  parseMessage,
  parseRegistrationRequest,
} from './parse-message.ts';
import { ProblemSchema } from './problem.ts';
import { RegistrationAnswerSchema } from './registration.ts';
import { SignedBodySchema } from './signed-body.ts';
import { TransportAnswerSchema, TransportRequestSchema } from './transport.ts';

const uuid = '0194fdc2-fa2f-7cc0-81d3-ff12045b73c8';
const bytes32 = Buffer.alloc(32, 1).toString('base64url');
const bytes16 = Buffer.alloc(16, 1).toString('base64url');

const common = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { hardwareId: 'abc-123', name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion: 1, udp: true, commands: ['collect-inventory'] },
};
const registration = { token: { id: uuid, secret: bytes32 }, ...common };
const handshake = { ...common, receipt: 'r', clockMs: 5, lastEpoch: 0 };
const handshakeAnswer = {
  productNumber: 1,
  deviceId: uuid,
  groupId: uuid,
  groupPath: [],
  receipt: 'r',
  accessToken: 'abc',
  accessTokenExpiresInMs: 1,
  serverTimeMs: 1,
  warnings: [],
  heartbeat: {
    key: bytes32,
    epoch: 1,
    intervalMs: 60_000,
    offlineTimeoutMs: 180_000,
    udp: { port: 8443, probeNonce: bytes16 },
  },
};

type Change = (value: Record<string, Record<string, unknown>>) => void;

/** A deep copy of `value` after `change`. */
function changed(value: object, change: Change): unknown {
  // Tests reach into the message by name; the schema is what judges the outcome.
  const copy = structuredClone(value) as Record<string, Record<string, unknown>>;
  change(copy);
  return copy;
}

const refuses = (action: () => unknown, code = 'MESSAGE_MALFORMED'): void =>
  assert.throws(action, (error) => hasCode(error, code));

test('requests in their right form are read', () => {
  assert.deepEqual(parseRegistrationRequest(JSON.stringify(registration)), registration);
  assert.deepEqual(parseHandshakeRequest(JSON.stringify(handshake)), handshake);
});

const wrongCommon: readonly [string, Change][] = [
  ['kind in upper case', (v) => (v['product'] = { ...v['product'], kind: 'Agent' })],
  ['kind missing', (v) => delete v['product']?.['kind']],
  ['kind too long', (v) => (v['product'] = { ...v['product'], kind: 'a'.repeat(65) })],
  ['name empty', (v) => (v['product'] = { ...v['product'], name: '' })],
  ['name with a line break', (v) => (v['product'] = { ...v['product'], name: 'a\nb' })],
  ['name too long', (v) => (v['product'] = { ...v['product'], name: 'a'.repeat(101) })],
  ['version with a space', (v) => (v['product'] = { ...v['product'], version: '1 0' })],
  ['unknown member of the product', (v) => (v['product'] = { ...v['product'], extra: 1 })],
  ['device name too long', (v) => (v['device'] = { ...v['device'], name: 'a'.repeat(256) })],
  ['device name that steers a terminal', (v) => (v['device'] = { ...v['device'], name: 'a\u009b31m' })],
  ['device name that is read backwards', (v) => (v['device'] = { ...v['device'], name: 'a\u202etxt.exe' })],
  ['device name with a line separator', (v) => (v['device'] = { ...v['device'], name: 'a\u2028b' })],
  ['device name with a zero', (v) => (v['device'] = { ...v['device'], name: 'a\u0000' })],
  ['hardware id with a slash', (v) => (v['device'] = { ...v['device'], hardwareId: '../x' })],
  ['hardware id null', (v) => (v['device'] = { ...v['device'], hardwareId: null })],
  ['platform in upper case', (v) => (v['device'] = { ...v['device'], platform: 'Linux' })],
  ['capability version 0', (v) => (v['capabilities'] = { ...v['capabilities'], capabilityVersion: 0 })],
  ['udp as text', (v) => (v['capabilities'] = { ...v['capabilities'], udp: 'true' })],
  ['duplicate commands', (v) => (v['capabilities'] = { ...v['capabilities'], commands: ['a', 'a'] })],
  [
    '65 commands',
    (v) =>
      (v['capabilities'] = { ...v['capabilities'], commands: Array.from({ length: 65 }, (_, n) => `c${n}`) }),
  ],
  ['unknown member', (v) => (v['extra'] = {})],
];

const wrongRegistration: readonly [string, Change][] = [
  ...wrongCommon,
  ['token missing', (v) => delete v['token']],
  ['token id no UUID', (v) => (v['token'] = { ...v['token'], id: 'x' })],
  ['secret too short', (v) => (v['token'] = { ...v['token'], secret: bytes32.slice(1) })],
  ['secret not canonical', (v) => (v['token'] = { ...v['token'], secret: `${bytes32.slice(0, -1)}F` })],
];

for (const [name, change] of wrongRegistration) {
  test(`a registration is refused: ${name}`, () => {
    refuses(() => parseRegistrationRequest(JSON.stringify(changed(registration, change))));
  });
}

const wrongHandshake: readonly [string, Change][] = [
  ...wrongCommon,
  ['clock missing', (v) => delete v['clockMs']],
  ['clock negative', (v) => Object.assign(v, { clockMs: -1 })],
  ['clock with a fraction', (v) => Object.assign(v, { clockMs: 1.5 })],
  ['last epoch too large', (v) => Object.assign(v, { lastEpoch: 2 ** 32 })],
  ['receipt empty', (v) => Object.assign(v, { receipt: '' })],
  ['receipt too long', (v) => Object.assign(v, { receipt: 'a'.repeat(limits.maxReceiptCharacters + 1) })],
];

for (const [name, change] of wrongHandshake) {
  test(`a handshake is refused: ${name}`, () => {
    refuses(() => parseHandshakeRequest(JSON.stringify(changed(handshake, change))));
  });
}

test('text that is not JSON, too long or too deep is refused before anything else', () => {
  const text = JSON.stringify(registration);
  for (let length = 0; length < text.length; length++) {
    refuses(() => parseRegistrationRequest(text.slice(0, length)), 'MESSAGE_NOT_JSON');
  }
  refuses(() => parseRegistrationRequest(`${text} x`), 'MESSAGE_NOT_JSON');
  refuses(
    () => parseRegistrationRequest(text.padEnd(limits.maxSignedRequestCharacters + 1)),
    'MESSAGE_TOO_LARGE',
  );
  parseRegistrationRequest(text.padEnd(limits.maxSignedRequestCharacters));
  refuses(() => parseJson('['.repeat(1_000_000), 2_000_000), 'MESSAGE_TOO_DEEP');
  refuses(() => parseJson('{}', Number.NaN), 'MESSAGE_TOO_LARGE');
});

test('depth and values are counted, and not inside strings', () => {
  const broken = (text: string, maxDepth: number, maxValues = 1_000): string | undefined =>
    findBrokenJsonBound(text, { maxDepth, maxValues });
  assert.equal(broken('[[1],[2]]', 2), undefined);
  assert.equal(broken('[[1],[2]]', 1), 'depth');
  assert.equal(broken('{"a[[[":"\\"[[[{{{"}', 1), undefined);
  assert.equal(broken('"\\\\[[" ', 0), undefined);
  assert.equal(broken('["a,b,c","[{"]', 1, 3), undefined);
  assert.equal(broken('["a","b","c"]', 1, 3), 'values');
  assert.equal(broken('[{},{}]', 2, 5), undefined);
  assert.equal(broken('[{},{}]', 2, 4), 'values');
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  parseJson(deep(limits.maxJsonDepth), 1_000);
  refuses(() => parseJson(deep(limits.maxJsonDepth + 1), 1_000), 'MESSAGE_TOO_DEEP');
});

test('a refusal names the place and never the content', () => {
  const secret = 'correct-horse-battery';
  assert.throws(
    () =>
      parseRegistrationRequest(
        JSON.stringify(changed(registration, (v) => (v['token'] = { id: uuid, secret }))),
      ),
    (error) => {
      assert(error instanceof Error && hasCode(error, 'MESSAGE_MALFORMED'));
      assert.equal((error as { facts?: Record<string, unknown> }).facts?.['place'], '/token/secret');
      return !JSON.stringify({ ...error, message: error.message }).includes(secret);
    },
  );
});

test('bodies that a server takes are closed and bounded', () => {
  refuses(() => parseMessage(SignedBodySchema, { assertion: 'a.b.c', request: '{}', extra: 1 }));
  refuses(() => parseMessage(SignedBodySchema, { assertion: 'a.b', request: '{}' }));
  refuses(() => parseMessage(SignedBodySchema, { assertion: `a.b.${'c'.repeat(2_048)}`, request: '{}' }));
  parseMessage(SignedBodySchema, { assertion: 'a.b.c', request: '{}' });
  for (const max of [0, limits.maxCommandsPerClaim + 1, 1.5, '1', null]) {
    refuses(() => parseMessage(ClaimRequestSchema, { max }));
  }
  parseMessage(ClaimRequestSchema, { max: limits.maxCommandsPerClaim });
  refuses(() => parseMessage(TransportRequestSchema, { probesSent: 11, acknowledged: true }));
  refuses(() => parseMessage(TransportRequestSchema, { probesSent: 1 }));
  refuses(() => parseMessage(InventoryRequestSchema, { collectedAt: 1, facts: [] }));
  refuses(() => parseMessage(InventoryRequestSchema, { collectedAt: 1, facts: {}, more: 1 }));
  const report = { commandId: uuid, state: 'failed', at: 1, code: 'NO_SPACE', detail: 'x', result: {} };
  parseMessage(ReportsRequestSchema, { reports: Array.from({ length: 50 }, () => report) });
  refuses(() => parseMessage(ReportsRequestSchema, { reports: Array.from({ length: 51 }, () => report) }));
  refuses(() => parseMessage(ReportsRequestSchema, { reports: [] }));
  for (const wrong of [
    { state: 'queued' },
    { code: 'no space' },
    { detail: 'x'.repeat(2_001) },
    { result: [] },
    { extra: 1 },
  ]) {
    refuses(() => parseMessage(ReportsRequestSchema, { reports: [{ ...report, ...wrong }] }));
  }
});

test('answers ignore unknown members, and refuse wrong known ones', () => {
  parseMessage(HandshakeAnswerSchema, {
    ...handshakeAnswer,
    later: 1,
    heartbeat: { ...handshakeAnswer.heartbeat, later: 1 },
  });
  parseMessage(HandshakeAnswerSchema, {
    ...handshakeAnswer,
    heartbeat: { ...handshakeAnswer.heartbeat, udp: null },
  });
  const wrongs: readonly [string, Change][] = [
    ['key too short', (v) => (v['heartbeat'] = { ...v['heartbeat'], key: 'AAAA' })],
    ['epoch 0', (v) => (v['heartbeat'] = { ...v['heartbeat'], epoch: 0 })],
    ['interval below a second', (v) => (v['heartbeat'] = { ...v['heartbeat'], intervalMs: 999 })],
    ['interval above eight hours', (v) => (v['heartbeat'] = { ...v['heartbeat'], intervalMs: 28_800_001 })],
    ['port 0', (v) => (v['heartbeat'] = { ...v['heartbeat'], udp: { port: 0, probeNonce: bytes16 } })],
    [
      'nonce of 15 bytes',
      (v) => (v['heartbeat'] = { ...v['heartbeat'], udp: { port: 1, probeNonce: bytes16.slice(2) } }),
    ],
    ['udp missing', (v) => delete v['heartbeat']?.['udp']],
    ['product number 0', (v) => Object.assign(v, { productNumber: 0 })],
    ['product number 2^53', (v) => Object.assign(v, { productNumber: 2 ** 53 })],
    ['access token with a line break', (v) => Object.assign(v, { accessToken: 'a\nb' })],
  ];
  for (const [name, change] of wrongs) {
    assert.throws(
      () => parseMessage(HandshakeAnswerSchema, changed(handshakeAnswer, change)),
      (error) => hasCode(error, 'MESSAGE_MALFORMED'),
      name,
    );
  }
  refuses(() => parseMessage(RegistrationAnswerSchema, { state: 'rejected' }));
  refuses(() => parseMessage(RegistrationAnswerSchema, { state: 'registered', productNumber: 1 }));
  refuses(() => parseMessage(TransportAnswerSchema, { transport: 'pigeon', reason: 'x' }));
  refuses(() => parseMessage(ProblemSchema, { code: 'lower-case' }));
  const command = { id: uuid, type: 'a', parameters: {}, issuedAt: 1, expiresAt: 2 };
  refuses(() => parseMessage(ClaimAnswerSchema, { commands: Array.from({ length: 51 }, () => command) }));
  refuses(() => parseMessage(ClaimAnswerSchema, { commands: [{ ...command, type: '../x' }] }));
});
