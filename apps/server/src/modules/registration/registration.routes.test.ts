import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  admitRegistration,
  createEnrolmentToken,
  createGroup,
  getDevice,
  listAuditEntries,
  listDevices,
  listEnrolmentTokens,
  listWaitingRegistrations,
  refuseRegistration,
  revokeEnrolmentToken,
} from '@holdfast/api';
import { encodeEnrolmentToken, mcpPath, parseEnrolmentToken } from '@holdfast/protocol';
import { AssertionPurpose, createProductKey, formatAudience, signAssertion } from '@holdfast/trust';
import type { LightMyRequestResponse } from 'fastify';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from '../directory/index.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const codeOf = (answer: LightMyRequestResponse): string => answer.json<{ code: string }>().code;

async function usesOf(tokenString: string): Promise<number | undefined> {
  const { tokenId } = parseEnrolmentToken(tokenString);
  const { tokens } = await callApi(server, listEnrolmentTokens);
  return tokens.find((token) => token.id === tokenId)?.uses;
}

async function waitingOf(product: TestProduct) {
  const { registrations } = await callApi(server, listWaitingRegistrations);
  return registrations.find((waiting) => waiting.keyThumbprint === product.key.thumbprint);
}

test('a product with a token gets a number, a device and a place, and is online after its handshake', async () => {
  const product = new TestProduct(server, { name: 'Alpha' });
  const answer = await product.register(await createTestToken(server));
  assert.equal(answer.statusCode, 201, answer.body);
  assert.deepEqual(product.registered?.groupPath, ['New devices']);
  const deviceId = product.registered?.deviceId ?? '';
  const before = await callApi(server, getDevice, { params: { deviceId } });
  assert.equal(before.device.presence.reason, 'never-seen');
  assert.equal((await product.shakeHands()).statusCode, 200);
  const { device } = await callApi(server, getDevice, { params: { deviceId } });
  assert.equal(device.name, 'Alpha');
  assert.equal(device.presence.status, 'online');
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: deviceId } });
  assert.deepEqual(
    entries.map((entry) => [entry.action, entry.actorKind]),
    [['product.registered', 'product']],
  );
});

test('whoever creates a token is told where it leads, without reading the string', async () => {
  const { tokenString, addresses } = await callApi(server, createEnrolmentToken, {
    body: {
      name: 'Where to',
      groupId: NEW_DEVICES_GROUP_ID,
      maxUses: 1,
      expiresInMs: 60_000,
      isApprovalNeeded: false,
    },
  });
  assert.notEqual(addresses.length, 0);
  assert.deepEqual(addresses, parseEnrolmentToken(tokenString).addresses);
});

test('product numbers are dense', async () => {
  const token = await createTestToken(server);
  const numbers: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const product = new TestProduct(server);
    await product.register(token);
    numbers.push(product.productNumber);
  }
  const [first = 0] = numbers;
  assert.deepEqual(numbers, [first, first + 1, first + 2]);
});

test('a known key comes back to its record, whatever token it shows, and uses none up', async () => {
  const token = await createTestToken(server, { maxUses: 1 });
  const product = await new TestProduct(server).join(token);
  const { productNumber, deviceId } = product.registered ?? {};
  const answer = await product.register(token);
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(product.registered?.productNumber, productNumber);
  assert.equal(product.registered?.deviceId, deviceId);
  assert.equal(await usesOf(token), 1);
});

test('two registrations of one key at once make one record', async () => {
  const token = await createTestToken(server, { maxUses: 5 });
  const key = createProductKey();
  const products = Array.from({ length: 6 }, () => new TestProduct(server, { key }));
  const answers = await Promise.all(products.map((product) => product.register(token)));
  assert.equal(answers.filter((answer) => answer.statusCode === 201).length, 1);
  assert.equal(answers.filter((answer) => answer.statusCode === 200).length, 5);
  assert.equal(new Set(products.map((product) => product.productNumber)).size, 1);
  assert.equal(await usesOf(token), 1);
});

async function countRecords(): Promise<{ devices: number; products: number }> {
  const { db } = server.database;
  const count = async (table: 'device' | 'managed_product'): Promise<number> =>
    (await db.selectFrom(table).selectAll().execute()).length;
  return { devices: await count('device'), products: await count('managed_product') };
}

test('of many that come at once, no more join than the token has uses', async () => {
  const token = await createTestToken(server, { maxUses: 3 });
  const before = await countRecords();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => new TestProduct(server).register(token)),
  );
  const joined = answers.filter((answer) => answer.statusCode === 201);
  const refused = answers.filter((answer) => answer.statusCode === 403);
  assert.equal(joined.length, 3);
  assert.equal(refused.length, 9);
  assert.deepEqual([...new Set(refused.map(codeOf))], ['ENROLMENT_TOKEN_USED_UP']);
  assert.equal(await usesOf(token), 3);
  // The use is taken last: whoever got none leaves nothing behind.
  assert.deepEqual(await countRecords(), { devices: before.devices + 3, products: before.products + 3 });
});

test('a wrong secret and an unknown token are refused alike', async () => {
  const token = parseEnrolmentToken(await createTestToken(server));
  const other = parseEnrolmentToken(await createTestToken(server));
  const wrongSecret = encodeEnrolmentToken({ ...token, secret: other.secret });
  const unknown = encodeEnrolmentToken({ ...token, tokenId: '01a20244-e800-76a1-b85e-b7470fd22fa8' });
  const answers = [
    await new TestProduct(server).register(wrongSecret),
    await new TestProduct(server).register(unknown),
  ];
  const problems = answers.map((answer) => {
    const { requestId: _id, ...problem } = answer.json<{ requestId: string; code: string }>();
    return problem;
  });
  assert.equal(problems[0]?.code, 'ENROLMENT_TOKEN_INVALID');
  assert.deepEqual(problems[0], problems[1]);
});

test('a revoked and an expired token say so, and only to who knows the secret', async () => {
  const revoked = await createTestToken(server);
  await callApi(server, revokeEnrolmentToken, { params: { tokenId: parseEnrolmentToken(revoked).tokenId } });
  assert.equal(codeOf(await new TestProduct(server).register(revoked)), 'ENROLMENT_TOKEN_REVOKED');
  const expiring = await createTestToken(server, { expiresInMs: 60_000 });
  server.clock.advance(60_000);
  assert.equal(codeOf(await new TestProduct(server).register(expiring)), 'ENROLMENT_TOKEN_EXPIRED');
  const guessed = encodeEnrolmentToken({
    ...parseEnrolmentToken(expiring),
    secret: parseEnrolmentToken(revoked).secret,
  });
  assert.equal(codeOf(await new TestProduct(server).register(guessed)), 'ENROLMENT_TOKEN_INVALID');
});

test('the secret of a token is shown once and stored nowhere', async () => {
  const { secret, tokenId } = parseEnrolmentToken(await createTestToken(server));
  const listed = await callApi(server, listEnrolmentTokens);
  assert.ok(!JSON.stringify(listed).includes(secret));
  const row = await server.database.db
    .selectFrom('enrolment_token')
    .selectAll()
    .where('id', '=', tokenId)
    .executeTakeFirstOrThrow();
  assert.ok(!JSON.stringify(row).includes(secret));
  assert.ok(!row.secret_hash.equals(Buffer.from(secret, 'base64url')));
});

test('a proof is good once, for one purpose, one request and one server', async () => {
  const token = parseEnrolmentToken(await createTestToken(server));
  const product = new TestProduct(server);
  const request = JSON.stringify({ token: { id: token.tokenId, secret: token.secret }, ...product.facts });
  const challenge = async () => (await product.challenge()).nonce;
  const sign = (nonce: string, more: object = {}) =>
    signAssertion(product.key, {
      purpose: AssertionPurpose.registration,
      audience: formatAudience(server.keys.authorities.current.fingerprint),
      nonce,
      request,
      issuedAtMs: server.clock.now(),
      ...more,
    });
  const post = (assertion: string, text = request) =>
    server.call({ method: 'POST', url: mcpPath.registrations, payload: { assertion, request: text } });

  const foreign = formatAudience(createProductKey().thumbprint);
  assert.equal(codeOf(await post(sign(await challenge(), { audience: foreign }))), 'ASSERTION_INVALID');
  const handshake = sign(await challenge(), { purpose: AssertionPurpose.handshake });
  assert.equal(codeOf(await post(handshake)), 'ASSERTION_INVALID');
  assert.equal(
    codeOf(await post(sign(await challenge()), request.replace('1.0.0', '9.9.9'))),
    'ASSERTION_INVALID',
  );
  const old = await challenge();
  server.clock.advance(61_000);
  assert.equal(codeOf(await post(sign(old))), 'CHALLENGE_INVALID');
  const good = sign(await challenge());
  const [first, second] = await Promise.all([post(good), post(good)]);
  assert.deepEqual(new Set([first.statusCode, second.statusCode]), new Set([201, 401]));
  assert.equal(codeOf(await post(good)), 'CHALLENGE_INVALID');
});

test('a request that is not what the protocol says is refused before anything happens', async () => {
  const token = await createTestToken(server, { maxUses: 1 });
  const { tokenId, secret } = parseEnrolmentToken(token);
  const product = new TestProduct(server);
  const whole = { token: { id: tokenId, secret }, ...product.facts };
  const bad = [
    {},
    { ...whole, extra: 1 },
    { ...whole, device: { ...whole.device, name: 'a\u0000b' } },
    { ...whole, device: { ...whole.device, name: 'x'.repeat(256) } },
    { ...whole, product: { ...whole.product, kind: 'Agent!' } },
  ];
  for (const content of bad) {
    const answer = await product.prove(AssertionPurpose.registration, mcpPath.registrations, content);
    assert.equal(codeOf(answer), 'MESSAGE_MALFORMED', answer.body);
    assert.equal(answer.statusCode, 400);
  }
  assert.equal(await usesOf(token), 0);
});

test('a product that needs approval waits, is admitted, and then registers', async () => {
  const token = await createTestToken(server, { maxUses: 1, isApprovalNeeded: true });
  const product = new TestProduct(server, { name: 'Waiting' });
  for (let round = 0; round < 2; round += 1) {
    const answer = await product.register(token);
    assert.equal(answer.statusCode, 202, answer.body);
    assert.equal(answer.json<{ state: string }>().state, 'awaiting-approval');
  }
  assert.equal(await usesOf(token), 1);
  assert.equal(codeOf(await new TestProduct(server).register(token)), 'ENROLMENT_TOKEN_USED_UP');
  const waiting = await waitingOf(product);
  assert.equal(waiting?.deviceName, 'Waiting');
  assert.equal(waiting.tokenName, 'test token');
  const admitted = await callApi(server, admitRegistration, {
    params: { registrationId: waiting.id },
    body: {},
  });
  assert.equal(await waitingOf(product), undefined);
  const answer = await product.register(token);
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(product.registered?.productNumber, admitted.productNumber);
  assert.equal((await product.shakeHands()).statusCode, 200);
});

test('a refused product is told so, until it comes with another token', async () => {
  const token = await createTestToken(server, { isApprovalNeeded: true });
  const product = new TestProduct(server);
  await product.register(token);
  const waiting = await waitingOf(product);
  await callApi(server, refuseRegistration, { params: { registrationId: waiting?.id ?? '' } });
  assert.equal(codeOf(await product.register(token)), 'REGISTRATION_REFUSED');
  assert.equal(await waitingOf(product), undefined);
  const other = await createTestToken(server, { isApprovalNeeded: true });
  assert.equal((await product.register(other)).statusCode, 202);
  assert.notEqual(await waitingOf(product), undefined);
});

test('a product cannot be admitted twice, nor by somebody who does not see its group', async () => {
  const group = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Approvals' } });
  const elsewhere = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'Elsewhere' },
  });
  const token = await createTestToken(server, { groupId: group.id, isApprovalNeeded: true });
  const product = new TestProduct(server);
  await product.register(token);
  const waiting = await waitingOf(product);
  const input = { params: { registrationId: waiting?.id ?? '' }, body: {} };
  const outside = server.actAs({ scope: new Set([elsewhere.id]) });
  const inside = server.actAs({ scope: new Set([group.id]) });
  const seenOutside = await callApi(server, listWaitingRegistrations, { as: outside });
  assert.deepEqual(seenOutside.registrations, []);
  assert.deepEqual((await callApi(server, listEnrolmentTokens, { as: outside })).tokens, []);
  assert.equal(
    await refusalOf(server, admitRegistration, { ...input, as: outside }),
    'REGISTRATION_NOT_FOUND',
  );
  assert.equal(
    await refusalOf(server, admitRegistration, { ...input, body: { groupId: elsewhere.id }, as: inside }),
    'GROUP_NOT_FOUND',
  );
  const admitted = await callApi(server, admitRegistration, { ...input, as: inside });
  assert.deepEqual(admitted.groupPath, ['Approvals']);
  assert.equal(await refusalOf(server, admitRegistration, input), 'REGISTRATION_NOT_FOUND');
});

test('one computer is one device: a product of another kind joins the device with the same hardware', async () => {
  const token = await createTestToken(server);
  const agent = await new TestProduct(server, { name: 'Twin', hardwareId: 'hw-1' }).join(token);
  const scanner = new TestProduct(server, { kind: 'scanner', hardwareId: 'hw-1' });
  await scanner.register(token);
  assert.equal(scanner.registered?.deviceId, agent.registered?.deviceId);
  const details = await callApi(server, getDevice, {
    params: { deviceId: agent.registered?.deviceId ?? '' },
  });
  assert.deepEqual(
    details.products.map((product) => product.kind),
    ['agent', 'scanner'],
  );
  assert.equal(details.device.productNumber, agent.productNumber);
  assert.equal(details.device.name, 'Twin');
});

test('a product of another installation on the same hardware gets a device of its own', async () => {
  const token = await createTestToken(server);
  const hardwareId = 'hw-installations';
  const host = await new TestProduct(server, { name: 'Host', hardwareId, installationId: 'a' }).join(token);
  const inContainer = new TestProduct(server, { kind: 'scanner', hardwareId, installationId: 'b' });
  await inContainer.register(token);
  assert.notEqual(inContainer.registered?.deviceId, host.registered?.deviceId);
  const onHost = new TestProduct(server, { kind: 'scanner', hardwareId, installationId: 'a' });
  await onHost.register(token);
  assert.equal(onHost.registered?.deviceId, host.registered?.deviceId);
});

test('an agent that claims the hardware of another gets a device of its own, and the audit log says so', async () => {
  const token = await createTestToken(server);
  const victim = await new TestProduct(server, { name: 'Victim', hardwareId: 'hw-2' }).join(token);
  const thief = await new TestProduct(server, { name: 'Thief', hardwareId: 'hw-2' }).join(token);
  assert.notEqual(thief.registered?.deviceId, victim.registered?.deviceId);
  const deviceId = victim.registered?.deviceId ?? '';
  const { device } = await callApi(server, getDevice, { params: { deviceId } });
  assert.equal(device.name, 'Victim');
  const { entries } = await callApi(server, listAuditEntries, {
    query: { objectId: thief.registered?.deviceId ?? '' },
  });
  assert.equal(entries[0]?.details['sameHardwareAs'], deviceId);
});

test('a token of one group does not let a product into a device of another', async () => {
  const group = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Apart' } });
  const agent = await new TestProduct(server, { hardwareId: 'hw-3' }).join(await createTestToken(server));
  const foreign = await createTestToken(server, { groupId: group.id });
  const scanner = new TestProduct(server, { kind: 'scanner', hardwareId: 'hw-3' });
  await scanner.register(foreign);
  assert.notEqual(scanner.registered?.deviceId, agent.registered?.deviceId);
});

test('tokens and waiting products need their permissions', async () => {
  const reader = server.actAs({ permissions: ['directory:read'] });
  assert.equal(await refusalOf(server, listEnrolmentTokens, { as: reader }), 'PERMISSION_DENIED');
  const id = '01a20244-e800-76a1-b85e-b7470fd22fa8';
  const admission = { params: { registrationId: id }, body: {}, as: reader };
  assert.equal(await refusalOf(server, admitRegistration, admission), 'PERMISSION_DENIED');
  assert.equal(
    await refusalOf(server, refuseRegistration, { params: { registrationId: id }, as: reader }),
    'PERMISSION_DENIED',
  );
  const listed = await callApi(server, listDevices, { as: reader });
  assert.ok(listed.devices.length > 0);
});
