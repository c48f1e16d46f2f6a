import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type CommandTarget,
  getSettings,
  issueCommand,
  listCommandTargets,
  type Settings,
  updateCommunicationSettings,
} from '@holdfast/api';
import { AppError } from '@holdfast/kernel';
import {
  AuthorityAnswerSchema,
  ChallengeAnswerSchema,
  encodeEnrolmentToken,
  type EnrolmentToken,
  HandshakeAnswerSchema,
  limits,
  mcpPath,
  parseEnrolmentToken,
  parseMessage,
  type ReportsAnswer,
} from '@holdfast/protocol';
import { AssertionPurpose } from '@holdfast/trust';
import type { LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from '../platform/http/http-server.ts';
import { defaultRequestLimits, RequestLimits } from '../platform/http/request-limits.ts';
import { send } from '../testing/test-browser.ts';
import type { CallerHeaders } from '../testing/test-callers.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

// Every bound that docs/protocol.md states, in one table: what is exactly as large is taken, and what is larger by one is not.

const specification = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');

let server: TestServer;
let product: TestProduct;
/** Shakes hands again and again, which ends what it could do before. */
let shaking: TestProduct;
let token: string;
before(async () => {
  server = await startTestServer();
  token = await createTestToken(server);
  product = await new TestProduct(server).join(token);
  shaking = await new TestProduct(server).join(token);
});
after(() => server.close());

/** What became of a message: `taken`, or the code of its refusal. */
type Outcome = string;

interface Bound {
  /** What is taken, at most or at least. */
  readonly last: number;
  /** What is not. */
  readonly first: number;
  readonly refusal: Outcome;
  readonly send: (amount: number) => Outcome | Promise<Outcome>;
}

const KIB = 1_024;

function atMost(last: number, refusal: Outcome, sendIt: Bound['send']): Bound {
  return { last, first: last + 1, refusal, send: sendIt };
}

function atLeast(last: number, refusal: Outcome, sendIt: Bound['send']): Bound {
  return { last, first: last - 1, refusal, send: sendIt };
}

function outcomeOf(answer: LightMyRequestResponse): Outcome {
  return answer.statusCode < 300 ? 'taken' : answer.json<{ code: string }>().code;
}

/** What becomes of the last of so many requests that are sent ahead, in one piece. */
async function sendAhead(ahead: number): Promise<Outcome> {
  const http = await createHttpServer({
    clock: server.clock,
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    limits: { ...defaultRequestLimits, refusalPauseMs: 0 },
  });
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((http.app.server.address() as AddressInfo).port, '127.0.0.1');
  try {
    return await new Promise((resolve) => {
      let text = '';
      socket.setEncoding('latin1').on('data', (piece: string) => {
        text += piece;
        if (text.split('HTTP/1.1 404 ').length === ahead + 2) resolve('taken');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve('ended'));
      socket.write('GET /none HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(ahead + 1));
    });
  } finally {
    socket.destroy();
    await http.app.close();
  }
}

/** One call of the product, with a body whose JSON may be written by hand. */
async function call(method: 'POST' | 'PUT', url: string, body: object | string | Buffer): Promise<Outcome> {
  return outcomeOf(await callAs(product.bearer, method, url, body));
}

async function callAs(
  caller: CallerHeaders,
  method: 'POST' | 'PUT',
  url: string,
  body: object | string | Buffer,
): Promise<LightMyRequestResponse> {
  return await server.call({
    method,
    url,
    headers: { ...caller, 'content-type': 'application/json' },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

async function prove(purpose: AssertionPurpose, content: object): Promise<Outcome> {
  const path = purpose === AssertionPurpose.registration ? mcpPath.registrations : mcpPath.handshakes;
  return outcomeOf(await shaking.prove(purpose, path, content));
}

/** A handshake like that of the product, with something else in it. */
async function shakeHands(more: object): Promise<Outcome> {
  return await prove(AssertionPurpose.handshake, {
    ...shaking.facts,
    clockMs: server.clock.now(),
    lastEpoch: limits.maxEpoch,
    ...more,
  });
}

const text = (length: number): string => 'x'.repeat(length);
const list = <T>(length: number, one: (index: number) => T): T[] => Array.from({ length }, (_, i) => one(i));
/** An object that takes exactly so many bytes as JSON. */
const factsOf = (bytes: number): object => ({ a: text(bytes - '{"a":""}'.length) });
/** JSON text of an object with so many levels, and so many values: one is the outermost. */
const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const crowded = (values: number): string => `{"a":[${list(values - 2, () => '1').join()}]}`;
/** Filled up with blanks, which JSON allows anywhere. */
const padded = (body: object, bytes: number): string => JSON.stringify(body).padEnd(bytes);

async function setCommunication(more: Partial<Settings['communication']>): Promise<Outcome> {
  const everyone = server.actAs();
  const settings = (await send(server, getSettings, {}, everyone)).json<Settings>();
  const { revision, communication } = settings;
  const { heartbeatIntervalMs, offlineTimeoutMs } = { ...communication, ...more };
  const body = { revision, communication: { heartbeatIntervalMs, offlineTimeoutMs } };
  return outcomeOf(await send(server, updateCommunicationSettings, { body }, everyone));
}

/** What is shown of a result that a product reports: it is taken as such, or left out with a note. */
async function reportResult(result: object): Promise<Outcome> {
  const everyone = server.actAs();
  const deviceIds = [product.registered?.deviceId ?? ''];
  const issued = await send(
    server,
    issueCommand,
    { body: { type: 'collect-inventory', targets: { deviceIds }, expiresInMs: 3_600_000 } },
    everyone,
  );
  const commandId = issued.json<{ id: string }>().id;
  await callAs(product.bearer, 'POST', mcpPath.commandClaims, { max: 1 });
  const answer = await callAs(product.bearer, 'POST', mcpPath.commandReports, {
    reports: [{ commandId, state: 'succeeded', at: server.clock.now(), result }],
  });
  assert.equal(answer.json<ReportsAnswer>().outcomes[0]?.outcome, 'recorded', answer.body);
  const shown = await send(server, listCommandTargets, { params: { commandId }, query: {} }, everyone);
  const [target] = shown.json<{ targets: CommandTarget[] }>().targets;
  return target?.result === null || target?.result === undefined ? (target?.detail ?? '') : 'taken';
}

let sequence = 0;
const journal = randomUUID();
const logOf = (entry: object): object => {
  sequence += 1;
  return { sequence, at: server.clock.now(), type: 'x', severity: 'info', ...entry };
};
const logs = (entries: readonly object[]): object => ({ journal, entries });
const reports = (count: number, more: object = {}): object => ({
  reports: list(count, () => ({ commandId: randomUUID(), state: 'running', at: 1, ...more })),
});
const sampleToken = (): EnrolmentToken => parseEnrolmentToken(token);
function outcomeOfReading(readIt: () => unknown): Outcome {
  try {
    readIt();
    return 'taken';
  } catch (error) {
    return error instanceof AppError ? error.code : 'refused';
  }
}
/** What a product makes of an answer to its handshake with something else in it. */
const readHandshake = (more: object): Outcome =>
  outcomeOfReading(() => parseMessage(HandshakeAnswerSchema, { ...product.handshake, ...more }));
/** What a product makes of the answer that names the authority. */
const readAuthority = (more: object): Outcome =>
  outcomeOfReading(() =>
    parseMessage(AuthorityAnswerSchema, {
      certificate: 'x',
      fingerprint: Buffer.alloc(32).toString('base64url'),
      ...more,
    }),
  );
/** Nobody writes what nobody reads, so the fault of the writer counts as well. */
const writeToken = (more: Partial<EnrolmentToken>): Outcome =>
  outcomeOfReading(() => parseEnrolmentToken(encodeEnrolmentToken({ ...sampleToken(), ...more })));

/**
 * By the row of the table in section 18. What a server does is tried here; what a product does, in the test that is named.
 */
const bounds: Readonly<Record<string, readonly (Bound | readonly [file: string, title: string])[]>> = {
  datagram: [
    [
      'packages/protocol/src/datagram/datagram.malformed.test.ts',
      'a heartbeat may have 32 activity items and 512 bytes, and not one more',
    ],
    [
      'packages/protocol/src/datagram/datagram.malformed.test.ts',
      'cut at any length is refused by every reader',
    ],
  ],
  'enrolment token': [
    [
      'packages/protocol/src/enrolment-token.test.ts',
      'a token of at most 2,048 characters is made and read, and no longer one',
    ],
    atMost(limits.maxServerAddresses, 'refused', (count) =>
      writeToken({ addresses: list(count, (index) => `https://s${index}.example:8443`) }),
    ),
  ],
  'assertion; signed request': [
    atMost(limits.maxAssertionCharacters, 'REQUEST_INVALID', async (length) => {
      const answer = await callAs({}, 'POST', mcpPath.registrations, {
        assertion: `a.b.${text(length - 4)}`,
        request: '{}',
      });
      // Nobody signed it; what counts is that its length was not what it was refused for.
      const outcome = outcomeOf(answer);
      return outcome === 'ASSERTION_INVALID' ? 'taken' : outcome;
    }),
    atMost(limits.maxSignedRequestCharacters, 'REQUEST_INVALID', async (length) => {
      const answer = await shaking.prove(AssertionPurpose.handshake, mcpPath.handshakes, {
        a: text(length - '{"a":""}'.length),
      });
      const outcome = outcomeOf(answer);
      return outcome === 'MESSAGE_MALFORMED' ? 'taken' : outcome;
    }),
  ],
  'receipt; access token; nonce': [
    atMost(4_096, 'MESSAGE_MALFORMED', (length) => shakeHands({ receipt: text(length) })),
    atMost(512, 'MESSAGE_MALFORMED', (length) => readHandshake({ accessToken: text(length) })),
    atMost(256, 'MESSAGE_MALFORMED', (length) => {
      const answer = { nonce: text(length), serverTimeMs: 1, expiresInMs: 1 };
      return outcomeOfReading(() => parseMessage(ChallengeAnswerSchema, answer));
    }),
  ],
  'commands in one claim; reports in one call': [
    atMost(50, 'REQUEST_INVALID', (max) => call('POST', mcpPath.commandClaims, { max })),
    atLeast(1, 'REQUEST_INVALID', (max) => call('POST', mcpPath.commandClaims, { max })),
    atMost(50, 'REQUEST_INVALID', (count) => call('POST', mcpPath.commandReports, reports(count))),
    atLeast(1, 'REQUEST_INVALID', (count) => call('POST', mcpPath.commandReports, reports(count))),
  ],
  'parameters of a command; result; detail': [
    ['apps/server/src/modules/commands/command-types.test.ts', 'parameters'],
    atMost(64 * KIB, 'The result was too large and was left out.', (bytes) => reportResult(factsOf(bytes))),
    atMost(2_000, 'REQUEST_INVALID', (length) =>
      call('POST', mcpPath.commandReports, reports(1, { detail: text(length) })),
    ),
    atMost(200, 'REQUEST_INVALID', (length) =>
      call('POST', mcpPath.commandReports, reports(1, { progress: { text: text(length) } })),
    ),
    atMost(100, 'REQUEST_INVALID', (percent) =>
      call('POST', mcpPath.commandReports, reports(1, { progress: { percent } })),
    ),
  ],
  'inventory facts': [
    atMost(256 * KIB, 'MESSAGE_TOO_LARGE', (bytes) =>
      call('PUT', mcpPath.inventory, { collectedAt: 1, facts: factsOf(bytes) }),
    ),
  ],
  'components of a product; reason of one; body of their states': [
    atMost(256, 'REQUEST_INVALID', (count) =>
      call('PUT', mcpPath.componentStates, {
        components: Array.from({ length: count }, (_, index) => ({
          ...componentState,
          component: `c${index}`,
        })),
      }),
    ),
    atMost(500, 'REQUEST_INVALID', (length) =>
      call('PUT', mcpPath.componentStates, { components: [{ ...componentState, reason: text(length) }] }),
    ),
  ],
  'log entries in one call; text; facts of one': [
    atMost(500, 'REQUEST_INVALID', (count) => call('POST', mcpPath.logs, logs(list(count, () => logOf({}))))),
    atLeast(1, 'REQUEST_INVALID', (count) => call('POST', mcpPath.logs, logs(list(count, () => logOf({}))))),
    atMost(2_000, 'REQUEST_INVALID', (length) =>
      call('POST', mcpPath.logs, logs([logOf({ text: text(length) })])),
    ),
    atMost(8 * KIB, 'MESSAGE_TOO_LARGE', (bytes) =>
      call('POST', mcpPath.logs, logs([logOf({ facts: factsOf(bytes) })])),
    ),
  ],
  'body of a log call; compressed': [
    atMost(1_024 * KIB, 'BODY_TOO_LARGE', (bytes) =>
      call('POST', mcpPath.logs, padded(logs([logOf({})]), bytes)),
    ),
    atMost(1_024 * KIB, 'MESSAGE_TOO_LARGE', async (bytes) => {
      const payload = gzipSync(padded(logs([logOf({})]), bytes));
      const headers = { ...product.bearer, 'content-type': 'application/json', 'content-encoding': 'gzip' };
      return outcomeOf(await server.call({ method: 'POST', url: mcpPath.logs, headers, payload }));
    }),
  ],
  'notifications at a listener; its time; its port': [
    ['packages/protocol/src/client/notification-listener.test.ts', 'no more than eight connections are held'],
    [
      'packages/protocol/src/client/notification-listener.test.ts',
      'a stranger gets nothing: not for wrong bytes, too many, too few, or none',
    ],
  ],
  'held stream: quiet; silent': [
    [
      'apps/server/src/modules/notification/held-streams.test.ts',
      'every stream gets a quiet notification once in every round, spread over the seconds',
    ],
    [
      'packages/testkit/src/mcp-server/notifications.test.ts',
      'a stream that brings nothing for too long is given up',
    ],
  ],
  'spread of returns': [
    atMost(3_600_000, 'MESSAGE_MALFORMED', (returnSpreadMs) =>
      readHandshake({ heartbeat: { ...product.handshake?.heartbeat, returnSpreadMs } }),
    ),
  ],
  'authority certificate; authorities trusted at a time; steps from one to the next': [
    atMost(16_384, 'MESSAGE_MALFORMED', (length) => readHandshake({ authorities: [text(length)] })),
    atMost(16_384, 'MESSAGE_MALFORMED', (length) => readAuthority({ certificate: text(length) })),
    atMost(4, 'MESSAGE_MALFORMED', (count) => readHandshake({ authorities: list(count, () => 'x') })),
    atMost(4, 'MESSAGE_MALFORMED', (count) =>
      shakeHands({ trusts: list(count, () => Buffer.alloc(32, count).toString('base64url')) }),
    ),
    atMost(8, 'MESSAGE_MALFORMED', (count) =>
      readAuthority({
        successions: list(count, () => ({
          certificate: 'x',
          signature: Buffer.alloc(64).toString('base64url'),
        })),
      }),
    ),
  ],
  'any answer': [
    [
      'packages/protocol/src/client/https-exchange.test.ts',
      'an answer is read up to its bound, and not one byte further',
    ],
  ],
  'calls of one product under way, each of commands; logs, inventory, transports': [
    ...(['mcp-commands', 'mcp-logs', 'mcp-inventory', 'mcp-transport'] as const).map((name) =>
      atMost(name === 'mcp-commands' ? 4 : 2, 'RATE_LIMITED', (count) => {
        const requestLimits = new RequestLimits(server.clock);
        return outcomeOfReading(() => {
          for (let one = 0; one < count; one += 1) requestLimits.admit(name, 'product:1', 0);
        });
      }),
    ),
  ],
  'requests sent ahead of the answer before them, on one connection': [
    atMost(8, 'ended', (ahead) => sendAhead(ahead)),
  ],
  'challenge; assertion': [
    // Seconds. Between servers of one organisation five more are allowed, and a challenge is answered at once.
    [
      'packages/trust/src/sealed-value.test.ts',
      'a challenge is good for its lifetime, and one of the future no longer than that',
    ],
    ['packages/trust/src/assertion.test.ts', 'an assertion ${name} is refused'],
  ],
  'access token': [
    ['apps/server/src/modules/registration/handshake.routes.test.ts', 'an access token ends after an hour'],
  ],
  'depth of JSON; values in one message': [
    // The body is one level, and its facts are inside.
    atMost(15, 'MESSAGE_TOO_DEEP', (levels) =>
      call('PUT', mcpPath.inventory, `{"collectedAt":1,"facts":${nested(levels)}}`),
    ),
    atMost(14, 'MESSAGE_TOO_DEEP', (levels) => call('POST', mcpPath.logs, logText(nested(levels - 1)))),
    // The body itself and the time it was collected at.
    atMost(limits.maxJsonValues - 2, 'MESSAGE_TOO_LARGE', (values) =>
      call('PUT', mcpPath.inventory, `{"collectedAt":1,"facts":${crowded(values)}}`),
    ),
  ],
  'heartbeat interval; offline timeout': [
    atLeast(1_000, 'REQUEST_INVALID', (ms) =>
      setCommunication({ heartbeatIntervalMs: ms, offlineTimeoutMs: 60_000 }),
    ),
    atMost(8 * 3_600_000, 'REQUEST_INVALID', (ms) =>
      setCommunication({ heartbeatIntervalMs: ms, offlineTimeoutMs: 7 * 86_400_000 }),
    ),
    atMost(7 * 86_400_000, 'REQUEST_INVALID', (ms) =>
      setCommunication({ heartbeatIntervalMs: 60_000, offlineTimeoutMs: ms }),
    ),
    atLeast(180_000, 'SETTING_TIMEOUT_TOO_SHORT', (ms) =>
      setCommunication({ heartbeatIntervalMs: 60_000, offlineTimeoutMs: ms }),
    ),
  ],
};

const componentState = { component: 'c', state: 'failed', changedAt: 1 };

function logText(facts: string): string {
  return JSON.stringify(logs([logOf({ facts: {} })])).replace('"facts":{}', `"facts":${facts}`);
}

/** The rows of the table, by their first cell; what is no bound of a message is not in the second. */
const stated = [
  ...specification
    .slice(specification.indexOf('## 18. Limits'), specification.indexOf('## 19.'))
    .matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm),
]
  .map(([, what = '']) => what)
  .filter((what) => what !== 'What' && !what.startsWith('---'));

test('every row of the table of limits is tried here, and nothing else is', () => {
  assert.ok(stated.length > 15);
  assert.deepEqual(Object.keys(bounds).toSorted(), stated.toSorted());
});

test('every call takes a body as large as the specification says, and no larger one', async () => {
  const rows = [
    ...specification.matchAll(/^\| `(POST|PUT) (\/mcp\/v1\/[a-z/]+)` \| [^|]+ \| (\d+) (KiB|MiB|bytes)/gm),
  ];
  assert.equal(rows.length, 9);
  for (const [, method, path = '', size, unit = ''] of rows) {
    const bytes = Number(size) * { KiB: KIB, MiB: KIB * KIB, bytes: 1 }[unit as 'KiB' | 'MiB' | 'bytes'];
    const type = path === mcpPath.heartbeats ? 'application/octet-stream' : 'application/json';
    const probe = async (length: number): Promise<Outcome> => {
      const headers = { ...product.bearer, 'content-type': type };
      const payload = Buffer.from('{}'.padEnd(length));
      return outcomeOf(await server.call({ method: method as 'POST', url: path, headers, payload }));
    };
    assert.notEqual(await probe(bytes), 'BODY_TOO_LARGE', path);
    assert.equal(await probe(bytes + 1), 'BODY_TOO_LARGE', path);
  }
});

for (const [row, all] of Object.entries(bounds)) {
  for (const [index, bound] of all.entries()) {
    if ('send' in bound) {
      test(`${row} (${index + 1}): ${bound.last} are taken, ${bound.first} are not`, async () => {
        assert.equal(await bound.send(bound.last), 'taken');
        assert.equal(await bound.send(bound.first), bound.refusal);
        assert.equal(await bound.send(bound.last), 'taken', 'the refusal left nothing behind');
      });
    } else {
      const [file, title] = bound;
      test(`${row} (${index + 1}): there is the test "${title}"`, () => {
        assert.ok(readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8').includes(title));
      });
    }
  }
}
