import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  AuthorityAnswerSchema,
  ChallengeAnswerSchema,
  ChallengeRequestSchema,
  ClaimAnswerSchema,
  ClaimRequestSchema,
  DatagramKey,
  decodeDatagram,
  HandshakeAnswerSchema,
  InventoryAnswerSchema,
  InventoryRequestSchema,
  limits,
  LogsAnswerSchema,
  LogsRequestSchema,
  mcpPath,
  parseHandshakeRequest,
  parseJson,
  parseMessage,
  parseRegistrationRequest,
  RegistrationAnswerSchema,
  ReportsAnswerSchema,
  ReportsRequestSchema,
  SignedBodySchema,
  TransportAnswerSchema,
  TransportRequestSchema,
} from '@holdfast/protocol';
import { listPreviousReleases, openPreviousRelease } from './previous-release.ts';
import type { RecordedCall, WireRecord } from './wire-record.ts';

// What agents and servers of earlier releases said to each other, read by the parsers of today: those of the server read what products
// sent, those of the product what servers answered.

type Schema = Parameters<typeof parseMessage>[0];

interface CallForm {
  readonly request: Schema | undefined;
  readonly answer: Schema;
}

const forms: Readonly<Record<string, CallForm>> = {
  [mcpPath.authority]: { request: undefined, answer: AuthorityAnswerSchema },
  [mcpPath.challenges]: { request: ChallengeRequestSchema, answer: ChallengeAnswerSchema },
  [mcpPath.registrations]: { request: SignedBodySchema, answer: RegistrationAnswerSchema },
  [mcpPath.handshakes]: { request: SignedBodySchema, answer: HandshakeAnswerSchema },
  [mcpPath.transports]: { request: TransportRequestSchema, answer: TransportAnswerSchema },
  [mcpPath.commandClaims]: { request: ClaimRequestSchema, answer: ClaimAnswerSchema },
  [mcpPath.commandReports]: { request: ReportsRequestSchema, answer: ReportsAnswerSchema },
  [mcpPath.inventory]: { request: InventoryRequestSchema, answer: InventoryAnswerSchema },
  [mcpPath.logs]: { request: LogsRequestSchema, answer: LogsAnswerSchema },
};

const signedRequests: Readonly<Record<string, (text: string) => unknown>> = {
  [mcpPath.registrations]: parseRegistrationRequest,
  [mcpPath.handshakes]: parseHandshakeRequest,
};

/** Came with capability version 4. */
const laterPaths: ReadonlySet<string> = new Set([mcpPath.componentStates, mcpPath.components]);

for (const version of listPreviousReleases()) {
  describe(`the recording of release ${version}`, () => {
    const wire = openPreviousRelease(version).readWire();
    const calls = wire.filter((record): record is RecordedCall => record.kind === 'call');
    const jsonCalls = calls.filter(({ path }) => forms[path] !== undefined);

    test('holds every call of the protocol, and datagrams of every type', () => {
      for (const path of Object.values(mcpPath).filter((one) => !laterPaths.has(one)))
        assert.ok(
          calls.some((call) => call.path === path && call.status < 300),
          path,
        );
      assert.deepEqual(
        [...new Set(listDatagrams(wire).map((bytes) => Number(bytes[1])))].sort((one, other) => one - other),
        [1, 2, 3, 4, 5, 6],
      );
      for (const way of ['udp', 'tcp', 'stream'] as const)
        assert.ok(
          wire.some((record) => record.kind === 'datagram' && record.way === way),
          way,
        );
    });

    test('is understood by the server of today: every request means what it meant', () => {
      for (const call of jsonCalls) {
        const { request } = forms[call.path] as CallForm;
        if (request === undefined) continue;
        const value = readJson(call);
        assert.deepEqual(parseMessage(request, value), value);
        const parseSigned = signedRequests[call.path];
        if (parseSigned === undefined) continue;
        const signed = (value as { request: string }).request;
        assert.deepEqual(parseSigned(signed), JSON.parse(signed));
      }
    });

    test('is understood by the product of today: every answer means what it meant', () => {
      for (const call of jsonCalls) {
        assert.ok(call.status < 300, `${call.path} ${call.status}`);
        assert.match(call.answerHeaders['content-type'] ?? '', /^application\/json\b/u);
        const value = parseJson(call.answer.toString(), limits.maxAnswerBytes);
        assert.deepEqual(parseMessage((forms[call.path] as CallForm).answer, value), value);
      }
    });

    test('holds datagrams that are proven by their keys, and that today are made byte for byte', () => {
      const keys = readKeys(calls);
      for (const bytes of listDatagrams(wire)) {
        const { productNumber, epoch } = decodeDatagram(bytes);
        const key = keys.get(`${productNumber} ${epoch}`);
        assert.ok(key, `a key of product ${productNumber} for epoch ${epoch}`);
        assert.deepEqual(Buffer.from(key.seal(key.verify(bytes))), bytes);
      }
    });
  });
}

/** As bodies as well. */
function listDatagrams(wire: readonly WireRecord[]): readonly Buffer[] {
  return wire.flatMap((record) => {
    if (record.kind === 'datagram') return [record.bytes];
    return record.path === mcpPath.heartbeats ? [record.body, record.answer] : [];
  });
}

function readKeys(calls: readonly RecordedCall[]): ReadonlyMap<string, DatagramKey> {
  return new Map(
    calls
      .filter(({ path }) => path === mcpPath.handshakes)
      .map(({ answer }) => parseMessage(HandshakeAnswerSchema, JSON.parse(answer.toString())))
      .map(({ productNumber, heartbeat }) => [
        `${productNumber} ${heartbeat.epoch}`,
        new DatagramKey(createSecretKey(Buffer.from(heartbeat.key, 'base64url'))),
      ]),
  );
}

function readJson({ body, headers }: RecordedCall): unknown {
  const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return parseJson(text.toString(), limits.maxLogBodyBytes);
}
