import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { createEnrolmentToken } from '@holdfast/api';
import {
  type ChallengeAnswer,
  type Datagram,
  DatagramKey,
  datagramMediaType,
  type HandshakeAnswer,
  mcpPath,
  parseEnrolmentToken,
  type RegisteredAnswer,
} from '@holdfast/protocol';
import {
  AssertionPurpose,
  createProductKey,
  formatAudience,
  type ProductKey,
  signAssertion,
} from '@holdfast/trust';
import type { LightMyRequestResponse } from 'fastify';
import { NEW_DEVICES_GROUP_ID } from '../modules/directory/index.ts';
import type { TestServer } from './test-server.ts';

export interface TestTokenOptions {
  readonly groupId?: string;
  readonly maxUses?: number | null;
  readonly isApprovalNeeded?: boolean;
  readonly expiresInMs?: number;
}

/** An enrolment token as an administrator makes it; the string. */
export async function createTestToken(server: TestServer, options: TestTokenOptions = {}): Promise<string> {
  const answer = await server.call(
    {
      method: 'POST',
      url: createEnrolmentToken.path,
      payload: {
        name: 'test token',
        groupId: options.groupId ?? NEW_DEVICES_GROUP_ID,
        maxUses: options.maxUses === undefined ? null : options.maxUses,
        expiresInMs: options.expiresInMs ?? 3_600_000,
        isApprovalNeeded: options.isApprovalNeeded ?? false,
      },
    },
    server.actAs(),
  );
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<{ tokenString: string }>().tokenString;
}

export interface TestProductOptions {
  readonly key?: ProductKey;
  readonly name?: string;
  readonly kind?: string;
  readonly hardwareId?: string;
  readonly installationId?: string;
  readonly platform?: string;
}

/** A managed product that speaks MCP with a server under test: it has a key and knows what it was told. */
export class TestProduct {
  readonly key: ProductKey;
  readonly #server: TestServer;
  readonly #options: TestProductOptions;
  registered: RegisteredAnswer | undefined;
  handshake: HandshakeAnswer | undefined;
  #sequence = 0;

  constructor(server: TestServer, options: TestProductOptions = {}) {
    this.#server = server;
    this.#options = options;
    this.key = options.key ?? createProductKey();
  }

  get facts() {
    const { name = 'device', kind = 'agent', hardwareId, installationId, platform = 'linux' } = this.#options;
    return {
      product: { kind, name: 'Holdfast agent', version: '1.0.0' },
      device: {
        ...(hardwareId === undefined ? {} : { hardwareId }),
        ...(installationId === undefined ? {} : { installationId }),
        name,
        platform,
        architecture: 'x64',
      },
      capabilities: { capabilityVersion: 1, udp: true, commands: ['collect-inventory'] },
    };
  }

  async register(tokenString: string): Promise<LightMyRequestResponse> {
    const { tokenId, secret } = parseEnrolmentToken(tokenString);
    const answer = await this.prove(AssertionPurpose.registration, mcpPath.registrations, {
      token: { id: tokenId, secret },
      ...this.facts,
    });
    const isRegistered = answer.statusCode === 200 || answer.statusCode === 201;
    if (isRegistered) this.registered = answer.json<RegisteredAnswer>();
    return answer;
  }

  async shakeHands(more: Record<string, unknown> = {}): Promise<LightMyRequestResponse> {
    const receipt = this.handshake?.receipt ?? this.registered?.receipt;
    const answer = await this.prove(AssertionPurpose.handshake, mcpPath.handshakes, {
      ...this.facts,
      clockMs: this.#server.clock.now(),
      ...(receipt === undefined ? {} : { receipt }),
      ...(this.handshake === undefined ? {} : { lastEpoch: this.handshake.heartbeat.epoch }),
      ...more,
    });
    if (answer.statusCode === 200) {
      this.handshake = answer.json<HandshakeAnswer>();
      this.#sequence = 0;
    }
    return answer;
  }

  /** Registers and makes the first handshake; both must succeed. */
  async join(tokenString: string): Promise<this> {
    const registered = await this.register(tokenString);
    assert.ok([200, 201].includes(registered.statusCode), registered.body);
    const shaken = await this.shakeHands();
    assert.equal(shaken.statusCode, 200, shaken.body);
    return this;
  }

  /** The call that carries a proof, with whatever request. */
  async prove(purpose: AssertionPurpose, url: string, content: object): Promise<LightMyRequestResponse> {
    const request = JSON.stringify(content);
    const { nonce, serverTimeMs } = await this.challenge();
    const assertion = signAssertion(this.key, {
      purpose,
      audience: formatAudience(this.#server.keys.authorities.current.fingerprint),
      nonce,
      request,
      issuedAtMs: serverTimeMs,
    });
    return await this.#server.call({ method: 'POST', url, payload: { assertion, request } });
  }

  async challenge(): Promise<ChallengeAnswer> {
    const answer = await this.#server.call({ method: 'POST', url: mcpPath.challenges, payload: {} });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json<ChallengeAnswer>();
  }

  get productNumber(): number {
    return this.registered?.productNumber ?? this.handshake?.productNumber ?? 0;
  }

  get bearer(): { authorization: string } {
    return { authorization: `Bearer ${this.handshake?.accessToken ?? ''}` };
  }

  get datagramKey(): DatagramKey {
    return new DatagramKey(createSecretKey(Buffer.from(this.handshake?.heartbeat.key ?? '', 'base64url')));
  }

  /** The next heartbeat, sealed. */
  sealHeartbeat(more: Partial<Extract<Datagram, { type: 'heartbeat' }>> = {}): Uint8Array {
    this.#sequence += 1;
    return this.datagramKey.seal({
      type: 'heartbeat',
      productNumber: this.productNumber,
      epoch: this.handshake?.heartbeat.epoch ?? 1,
      sequence: this.#sequence,
      goingAway: false,
      serviceState: 'running',
      waitingLogEntries: 0,
      policyRevision: 0,
      componentSetDigest: new Uint8Array(8),
      items: [],
      ...more,
    });
  }

  async heartbeat(bytes: Uint8Array = this.sealHeartbeat()): Promise<LightMyRequestResponse> {
    return await this.#server.call({
      method: 'POST',
      url: mcpPath.heartbeats,
      headers: { 'content-type': datagramMediaType },
      payload: Buffer.from(bytes),
    });
  }
}
