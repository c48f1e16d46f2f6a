import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '@holdfast/kernel';
import {
  chooseTransport,
  ClaimRequestSchema,
  type CommandReport,
  ComponentStatesRequestSchema,
  HeartbeatKeyDerivation,
  InventoryRequestSchema,
  limits,
  type LogsRequest,
  LogsRequestSchema,
  mcpPath,
  type McpProblemCode,
  mcpProblemStatus,
  parseHandshakeRequest,
  parseJson,
  parseMessage,
  parseRegistrationRequest,
  type ReportOutcome,
  ReportsRequestSchema,
  SignedBodySchema,
  TransportRequestSchema,
} from '@holdfast/protocol';
import {
  AssertionPurpose,
  createAccessToken,
  createChallenge,
  deriveKey,
  formatAudience,
  KeyLabel,
  parseAssertion,
  sealReceipt,
  TrustError,
  type VerifiedAssertion,
  verifyAccessToken,
  verifyAssertion,
  verifyChallenge,
} from '@holdfast/trust';
import { answerHeartbeat, probeKey } from './fake-datagrams.ts';
import { settleMode } from './fake-notifications.ts';
import type { FakeProduct, FakeServerState } from './fake-server-state.ts';

interface FakeCall {
  /** Method and path. */
  readonly call: string;
  readonly authorization: string;
  readonly body: Buffer;
  readonly contentEncoding?: string;
}

interface FakeAnswer {
  readonly status: number;
  readonly message: unknown;
}

/** A refusal of the fake server. */
export class FakeProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly facts: Readonly<Record<string, number>>;

  constructor(code: McpProblemCode, facts: Readonly<Record<string, number>> = {}) {
    super(code);
    this.code = code;
    this.status = mcpProblemStatus[code];
    this.facts = facts;
  }
}

const ok = (message: unknown): FakeAnswer => ({ status: 200, message });

/** Answers one call as the specification says. */
export async function answerCall(state: FakeServerState, call: FakeCall): Promise<FakeAnswer | Uint8Array> {
  switch (call.call) {
    case `GET ${mcpPath.authority}`:
      return ok({ certificate: state.authority, fingerprint: state.fingerprint });
    case `POST ${mcpPath.challenges}`:
      return ok({
        nonce: createChallenge(deriveKey(state.masterKey, KeyLabel.challenge), now(state), randomBytes(16)),
        serverTimeMs: now(state),
        expiresInMs: limits.challengeLifetimeMs,
        ...(state.capabilityVersion === undefined ? {} : { capabilityVersion: state.capabilityVersion }),
      });
    case `POST ${mcpPath.registrations}`:
      return await register(state, call.body);
    case `POST ${mcpPath.handshakes}`:
      return await handshake(state, call.body);
    case `POST ${mcpPath.heartbeats}`: {
      const answer = answerHeartbeat(state, call.body);
      if (answer === undefined) throw new FakeProblem('HEARTBEAT_INVALID');
      return answer;
    }
    case `POST ${mcpPath.transports}`:
      return ok(await settleWays(state, call, authenticate(state, call.authorization)));
    default:
      authenticate(state, call.authorization);
      return ok(answerProduct(state, call));
  }
}

async function settleWays(state: FakeServerState, call: FakeCall, product: FakeProduct): Promise<unknown> {
  const body = parseJson(call.body.toString('utf8'), limits.maxSmallBodyBytes);
  const { probesSent, acknowledged, ...offer } = parseMessage(TransportRequestSchema, body);
  const key = probeKey(product.productNumber, product.epoch);
  const probesSeen = state.probes.get(key) ?? 0;
  // The answer uses them up: the next question is about the way as it is then.
  state.probes.delete(key);
  const chosen = chooseTransport({ serverTakesDatagrams: true, probesSeen, probesSent, acknowledged });
  const { mode, reason: modeReason } = await settleMode(state, product, offer, chosen.transport);
  return { ...chosen, mode, modeReason };
}

function answerProduct(state: FakeServerState, call: FakeCall): unknown {
  const body = parseJson(unpack(call).toString('utf8'), limits.maxReportsBodyBytes);
  switch (call.call) {
    case `POST ${mcpPath.commandClaims}`: {
      const { max } = parseMessage(ClaimRequestSchema, body);
      const waiting = state.commands.filter(({ id }) => !state.reports.has(id) && !state.cancelled.has(id));
      const cancel = [...state.cancelling].filter((id) => !isOver(state.reports.get(id)));
      return { commands: waiting.slice(0, max), ...(cancel.length === 0 ? {} : { cancel }) };
    }
    case `POST ${mcpPath.commandReports}`: {
      const { reports } = parseMessage(ReportsRequestSchema, body);
      const outcomes = reports.map(({ commandId }) => ({
        commandId,
        outcome: judgeReport(state, commandId),
      }));
      state.reportLog.push(...reports);
      for (const report of reports) state.reports.set(report.commandId, report);
      return { outcomes };
    }
    case `PUT ${mcpPath.inventory}`: {
      const isChanged = state.inventory === undefined;
      state.inventory = parseMessage(InventoryRequestSchema, body);
      return { digest: randomBytes(32).toString('base64url'), changed: isChanged };
    }
    case `PUT ${mcpPath.componentStates}`: {
      state.componentStates.push(parseMessage(ComponentStatesRequestSchema, body));
      return state.ceilings === undefined ? {} : { ceilings: state.ceilings };
    }
    case `POST ${mcpPath.logs}`:
      return { acknowledged: keepEntries(state, parseMessage(LogsRequestSchema, body)) };
    default:
      throw new FakeProblem('REQUEST_INVALID');
  }
}

function unpack({ call, body, contentEncoding }: FakeCall): Buffer {
  if (contentEncoding === undefined) return body;
  if (contentEncoding !== 'gzip' || call !== `POST ${mcpPath.logs}`)
    throw new FakeProblem('CONTENT_TYPE_UNSUPPORTED');
  if (body.length > limits.maxCompressedLogBodyBytes) throw new FakeProblem('MESSAGE_TOO_LARGE');
  return gunzipSync(body, { maxOutputLength: limits.maxLogBodyBytes });
}

/** Exactly once: what the journal brought before is left out. */
function keepEntries(state: FakeServerState, { journal, entries }: LogsRequest): number {
  const kept = state.journals.get(journal) ?? [];
  state.journals.set(journal, kept);
  for (const entry of entries) if (entry.sequence > (kept.at(-1)?.sequence ?? 0)) kept.push(entry);
  return kept.at(-1)?.sequence ?? 0;
}

function isOver(report: CommandReport | undefined): boolean {
  return report !== undefined && report.state !== 'accepted' && report.state !== 'running';
}

function judgeReport(state: FakeServerState, commandId: string): ReportOutcome {
  if (state.cancelled.has(commandId)) return 'closed';
  return state.commands.some(({ id }) => id === commandId) ? 'recorded' : 'unknown-command';
}

async function register(state: FakeServerState, body: Buffer): Promise<FakeAnswer> {
  const { assertion, request } = await prove(state, body, AssertionPurpose.registration);
  const parsed = parseRegistrationRequest(request);
  const known = state.products.get(assertion.thumbprint);
  if (!('token' in parsed)) throw new FakeProblem('RECEIPT_INVALID');
  const { token } = parsed;
  if (known === undefined && (token.id !== state.tokenId || token.secret !== state.tokenSecret)) {
    throw new FakeProblem('ENROLMENT_TOKEN_INVALID');
  }
  if (known === undefined && state.needsApproval) {
    return { status: 202, message: { state: 'awaiting-approval', retryAfterMs: 1_000 } };
  }
  const product: FakeProduct = known ?? {
    productNumber: state.products.size + 1,
    thumbprint: assertion.thumbprint,
    epoch: 0,
    lastSequence: 0,
    isDisabled: false,
    heartbeats: 0,
    goodbyes: 0,
    waitingLogEntries: 0,
    activity: {},
    policyRevision: 0,
    mode: 'one-way',
    listenerPort: null,
    udpAddress: undefined,
    stream: undefined,
  };
  state.products.set(assertion.thumbprint, product);
  return {
    status: known === undefined ? 201 : 200,
    message: { state: 'registered', ...describe(state, product) },
  };
}

async function handshake(state: FakeServerState, body: Buffer): Promise<FakeAnswer> {
  const { assertion, request } = await prove(state, body, AssertionPurpose.handshake);
  const { clockMs, lastEpoch = 0 } = parseHandshakeRequest(request);
  const product = state.products.get(assertion.thumbprint);
  if (product === undefined) throw new FakeProblem('PRODUCT_UNKNOWN', { retryAfterMs: 60_000 });
  if (product.isDisabled) throw new FakeProblem('PRODUCT_DISABLED');
  product.epoch = Math.max(product.epoch, lastEpoch) + 1;
  product.stream?.end();
  product.mode = 'one-way';
  product.lastSequence = 0;
  const { productNumber, epoch } = product;
  const skewMs = clockMs - now(state);
  const key = new HeartbeatKeyDerivation(deriveKey(state.masterKey, KeyLabel.heartbeat)).deriveKey(
    productNumber,
    epoch,
  );
  return ok({
    ...describe(state, product),
    accessToken: createAccessToken(deriveKey(state.masterKey, KeyLabel.accessToken), {
      productNumber,
      epoch,
      expiresAtMs: now(state) + 3_600_000,
    }),
    accessTokenExpiresInMs: 3_600_000,
    serverTimeMs: now(state),
    warnings: Math.abs(skewMs) > limits.clockSkewWarningMs ? [{ code: 'CLOCK_SKEW', skewMs }] : [],
    heartbeat: {
      key: Buffer.from(key).toString('base64url'),
      epoch,
      intervalMs: state.intervalMs,
      offlineTimeoutMs: 3 * state.intervalMs,
      udp: { port: state.udpPort, probeNonce: randomBytes(16).toString('base64url') },
      returnSpreadMs: state.returnSpreadMs,
    },
    listenerPort: state.listenerPort,
    ...(state.addresses === undefined ? {} : { addresses: [...state.addresses] }),
  });
}

async function prove(
  state: FakeServerState,
  body: Buffer,
  purpose: AssertionPurpose,
): Promise<{ readonly assertion: VerifiedAssertion; readonly request: string }> {
  const signed = parseMessage(SignedBodySchema, parseJson(body.toString('utf8'), limits.maxSignedBodyBytes));
  try {
    const received = parseAssertion(signed.assertion);
    const { nonce } = verifyChallenge(deriveKey(state.masterKey, KeyLabel.challenge), received.nonce, {
      nowMs: now(state),
      lifetimeMs: limits.challengeLifetimeMs,
    });
    if (state.usedNonces.has(nonce)) throw new FakeProblem('CHALLENGE_INVALID');
    const assertion = await verifyAssertion(received, {
      purpose,
      audience: formatAudience(state.fingerprint),
      nonce,
      request: signed.request,
      nowMs: now(state),
    });
    state.usedNonces.add(nonce);
    return { assertion, request: signed.request };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new FakeProblem(error.code === 'CHALLENGE_INVALID' ? 'CHALLENGE_INVALID' : 'ASSERTION_INVALID');
  }
}

/** The product whose access token this is. */
export function authenticate(state: FakeServerState, authorization: string): FakeProduct {
  try {
    const key = deriveKey(state.masterKey, KeyLabel.accessToken);
    const token = verifyAccessToken(key, authorization.replace(/^Bearer /u, ''), now(state));
    const product = [...state.products.values()].find((known) => known.productNumber === token.productNumber);
    if (product === undefined || product.epoch !== token.epoch) throw new FakeProblem('ACCESS_TOKEN_INVALID');
    return product;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new FakeProblem(
      error.code === 'ACCESS_TOKEN_EXPIRED' ? 'ACCESS_TOKEN_EXPIRED' : 'ACCESS_TOKEN_INVALID',
    );
  }
}

function describe(state: FakeServerState, product: FakeProduct): object {
  const { deviceId, groupId, groupPath } = state;
  const { productNumber, thumbprint } = product;
  const receipt = sealReceipt(deriveKey(state.masterKey, KeyLabel.receipt), {
    productNumber,
    thumbprint,
    deviceId,
    groupId,
    groupPath,
    issuedAtMs: now(state),
  });
  return { productNumber, deviceId, groupId, groupPath, receipt };
}

function now(state: FakeServerState): number {
  return systemClock.now() + state.clockAheadMs;
}
