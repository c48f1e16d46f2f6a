import { createHash } from 'node:crypto';
import {
  capabilityVersion,
  ChallengeAnswerSchema,
  type ClaimAnswer,
  ClaimAnswerSchema,
  type CommandReport,
  datagramMediaType,
  type HandshakeAnswer,
  HandshakeAnswerSchema,
  limits,
  MessageError,
  mcpPath,
  parseJson,
  parseMessage,
  ProblemSchema,
  type RegistrationAnswer,
  RegistrationAnswerSchema,
  ReportsAnswerSchema,
  type TransportAnswer,
  TransportAnswerSchema,
} from '@holdfast/protocol';
import { AssertionPurpose, formatAudience, signAssertion } from '@holdfast/trust';
import { type HttpsLanes, type LaneAnswer, NoAnswer, type SendCall } from './https-lanes.ts';
import type { ProductKeys } from './product-keys.ts';

/** The server refused a call. */
export class CallRefused extends Error {
  readonly code: string;
  readonly status: number;
  /** 0: it did not say. */
  readonly retryAfterMs: number;

  constructor(refusal: { readonly code: string; readonly status: number; readonly retryAfterMs: number }) {
    super(`The server refused the call: ${refusal.code}.`);
    this.code = refusal.code;
    this.status = refusal.status;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

/** Something answered that does not speak the protocol. */
export class AnswerInvalid extends Error {
  readonly code = 'SERVER_ANSWER_INVALID';
}

export function isCallFailure(error: unknown): error is CallRefused | NoAnswer | AnswerInvalid {
  return error instanceof CallRefused || error instanceof NoAnswer || error instanceof AnswerInvalid;
}

export interface FleetCallsOptions {
  readonly lanes: HttpsLanes;
  readonly keys: ProductKeys;
  /** Of the server's authority. */
  readonly fingerprint: string;
  /** Names the fleet in the names of its devices. */
  readonly name: string;
  readonly commandTypes: readonly string[];
  readonly usesUdp: (index: number) => boolean;
}

const JSON_TYPE = 'application/json';
const PLATFORMS = ['linux', 'windows', 'macos'] as const;

/** The calls of docs/protocol.md over HTTPS, for any product of the fleet. */
export class FleetCalls {
  readonly #options: FleetCallsOptions;

  constructor(options: FleetCallsOptions) {
    this.#options = options;
  }

  async register(
    index: number,
    token: { readonly tokenId: string; readonly secret: string },
  ): Promise<RegistrationAnswer> {
    return await this.#callSigned(index, AssertionPurpose.registration, {
      path: mcpPath.registrations,
      request: { token: { id: token.tokenId, secret: token.secret }, ...this.#factsOf(index) },
      read: (value) => parseMessage(RegistrationAnswerSchema, value),
    });
  }

  async shakeHands(
    index: number,
    known: {
      readonly receipt: string | undefined;
      readonly lastEpoch: number;
      readonly instance: string;
      readonly clockMs: number;
    },
  ): Promise<HandshakeAnswer> {
    return await this.#callSigned(index, AssertionPurpose.handshake, {
      path: mcpPath.handshakes,
      request: {
        ...this.#factsOf(index),
        clockMs: Math.max(0, Math.floor(known.clockMs)),
        lastEpoch: known.lastEpoch,
        instance: known.instance,
        ...(known.receipt === undefined ? {} : { receipt: known.receipt }),
      },
      read: (value) => parseMessage(HandshakeAnswerSchema, value),
    });
  }

  async chooseTransport(
    index: number,
    accessToken: string,
    evidence: { readonly probesSent: number; readonly acknowledged: boolean },
  ): Promise<TransportAnswer> {
    const read = (value: unknown): TransportAnswer => parseMessage(TransportAnswerSchema, value);
    return await this.#callJson(index, mcpPath.transports, evidence, read, accessToken);
  }

  /** The bytes of the acknowledgement; nothing of them is proven. */
  async sendHeartbeat(index: number, bytes: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#options.lanes.inTurn(
      { index, isUrgent: true },
      async (send) =>
        await send({
          method: 'POST',
          path: mcpPath.heartbeats,
          mediaType: datagramMediaType,
          body: bytes,
        }),
    );
    requireSuccess(answer);
    return answer.body;
  }

  async claimCommands(index: number, accessToken: string): Promise<ClaimAnswer> {
    const body = { max: limits.maxCommandsPerClaim };
    const read = (value: unknown): ClaimAnswer => parseMessage(ClaimAnswerSchema, value);
    return await this.#callJson(index, mcpPath.commandClaims, body, read, accessToken);
  }

  async report(index: number, accessToken: string, reports: readonly CommandReport[]): Promise<void> {
    const read = (value: unknown): unknown => parseMessage(ReportsAnswerSchema, value);
    await this.#callJson(index, mcpPath.commandReports, { reports }, read, accessToken);
  }

  #factsOf(index: number): object {
    const { name, commandTypes, usesUdp } = this.#options;
    return {
      product: { kind: 'endpoint-agent', name: 'Simulated agent', version: '0.1.0' },
      device: {
        hardwareId: `simulated-${name}-${index}`,
        name: `sim-${name}-${String(index).padStart(6, '0')}`,
        platform: PLATFORMS[index % PLATFORMS.length] ?? 'linux',
        architecture: 'x64',
      },
      capabilities: { capabilityVersion, udp: usesUdp(index), commands: [...commandTypes] },
    };
  }

  // docs/protocol.md, section 7: a challenge, then an assertion over the exact text of the request.
  async #callSigned<Answer>(
    index: number,
    purpose: AssertionPurpose,
    call: { readonly path: string; readonly request: object; readonly read: ReadAnswer<Answer> },
  ): Promise<Answer> {
    return await this.#options.lanes.inTurn({ index, isUrgent: false }, async (send) => {
      const { nonce, serverTimeMs } = await sendJson(send, mcpPath.challenges, {}, (value) =>
        parseMessage(ChallengeAnswerSchema, value),
      );
      const request = JSON.stringify(call.request);
      const assertion = signAssertion(this.#options.keys.derive(index), {
        purpose,
        audience: formatAudience(this.#options.fingerprint),
        nonce,
        request,
        issuedAtMs: serverTimeMs,
      });
      return await sendJson(send, call.path, { assertion, request }, call.read);
    });
  }

  async #callJson<Answer>(
    index: number,
    path: string,
    body: object,
    read: ReadAnswer<Answer>,
    accessToken: string,
  ): Promise<Answer> {
    return await this.#options.lanes.inTurn(
      { index, isUrgent: true },
      async (send) => await sendJson(send, path, body, read, accessToken),
    );
  }
}

async function sendJson<Answer>(
  send: SendCall,
  path: string,
  body: object,
  read: ReadAnswer<Answer>,
  accessToken?: string,
): Promise<Answer> {
  const answer = await send({
    method: 'POST',
    path,
    mediaType: JSON_TYPE,
    body: Buffer.from(JSON.stringify(body), 'utf8'),
    ...(accessToken === undefined ? {} : { accessToken }),
  });
  requireSuccess(answer);
  return readBody(answer, read);
}

/** Value of an answer → message. Throws MessageError. */
type ReadAnswer<Answer> = (value: unknown) => Answer;

function requireSuccess(answer: LaneAnswer): void {
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.mediaType !== 'application/problem+json')
    throw new AnswerInvalid('The refusal is no problem of the protocol.');
  const { code, facts } = readBody(answer, (value) => parseMessage(ProblemSchema, value));
  const inFacts = facts?.['retryAfterMs'];
  const inHeader = /^\d{1,6}$/u.test(answer.retryAfter ?? '') ? Number(answer.retryAfter) * 1_000 : 0;
  const retryAfterMs = typeof inFacts === 'number' && inFacts >= 0 ? inFacts : inHeader;
  throw new CallRefused({ code, status: answer.status, retryAfterMs });
}

function readBody<Answer>(answer: LaneAnswer, read: ReadAnswer<Answer>): Answer {
  try {
    return read(parseJson(answer.body.toString('utf8'), limits.maxAnswerBytes));
  } catch (cause) {
    if (cause instanceof MessageError)
      throw new AnswerInvalid('The answer does not have the form of the protocol.', { cause });
    throw cause;
  }
}

/** A short name for a fleet out of its secret, which it does not give away. */
export function nameFleet(secret: string): string {
  return createHash('sha256').update(`fleet name ${secret}`).digest('hex').slice(0, 8);
}
