import type { Static, TSchema } from 'typebox';
import { omitNewer } from '../capability-version.ts';
import { limits } from '../limits.ts';
import { ChallengeAnswerSchema } from '../messages/challenge.ts';
import { datagramMediaType, mcpPath } from '../messages/path.ts';
import { readMessage, requireSuccess } from './answer.ts';
import type { AssertionContent, AssertionSigner } from './assertion-signer.ts';
import { mostTelling, type PinnedAuthority } from './authority.ts';
import { compressBody } from './body-compression.ts';
import { McpClientError } from './client.errors.ts';
import {
  createHttpsExchange,
  type HttpsAnswer,
  type HttpsExchange,
  invalidAnswer,
} from './https-exchange.ts';

export interface Call<Schema extends TSchema> {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
  /** Schema of the body: what the server is too old to know is left out by it. */
  readonly request: TSchema;
  readonly answer: Schema;
  readonly accessToken?: string;
  /** The body may travel as gzip, where that makes it smaller. */
  readonly isCompressible?: boolean;
}

/** An answer, and where it came from. */
export interface Answered<Message> {
  readonly message: Message;
  readonly address: string;
  readonly remoteAddress: string | undefined;
}

/**
 * The way to one server that has several addresses. It stays with the address that last worked, and tries the others in
 * their order when it fails; a refusal by the server is an answer, and no reason to ask elsewhere.
 */
export class ServerLink {
  #addresses: readonly string[];
  readonly #authority: PinnedAuthority;
  readonly #exchange: HttpsExchange;
  readonly #onReached: (remoteAddress: string | undefined) => void;
  #preferred = 0;
  #serverVersion = 1;

  constructor(options: {
    readonly addresses: readonly string[];
    readonly authority: PinnedAuthority;
    readonly timeoutMs: number;
    /** Told of each answer: the IP address that it came from. */
    readonly onReached?: (remoteAddress: string | undefined) => void;
  }) {
    if (options.addresses.length === 0) throw new RangeError('"addresses" expected at least one');
    this.#addresses = options.addresses;
    this.#authority = options.authority;
    this.#onReached = options.onReached ?? (() => undefined);
    this.#exchange = createHttpsExchange({
      trust: { authority: options.authority.certificate },
      timeoutMs: options.timeoutMs,
    });
  }

  /** What the server said that it understands, with the last challenge; 1 before. */
  get serverVersion(): number {
    return this.#serverVersion;
  }

  get address(): string {
    return this.#addresses[this.#preferred] ?? '';
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Other addresses of the same server, from the next call on. It stays with the one that last worked, if it is among them. */
  useAddresses(addresses: readonly string[]): void {
    if (addresses.length === 0) throw new RangeError('"addresses" expected at least one');
    const { address } = this;
    this.#addresses = addresses;
    this.#preferred = Math.max(0, addresses.indexOf(address));
  }

  /** One call with a JSON body and a JSON answer. */
  async call<Schema extends TSchema>(call: Call<Schema>): Promise<Answered<Static<Schema>>> {
    const json = encodeJson(omitNewer(call.request, call.body, this.#serverVersion));
    const packed = call.isCompressible === true ? await compressBody(json) : undefined;
    return await this.#tryAddresses((address) =>
      this.#callAt(address, call, packed ?? json, packed !== undefined),
    );
  }

  /**
   * A call that proves the product's key: fetches a challenge, signs it with the request, and sends both to the same address.
   */
  async callSigned<Schema extends TSchema>(
    signer: AssertionSigner,
    signed: {
      readonly purpose: AssertionContent['purpose'];
      readonly path: string;
      readonly body: object;
      readonly request: TSchema;
      readonly answer: Schema;
    },
  ): Promise<Answered<Static<Schema>>> {
    return await this.#tryAddresses(async (address) => {
      const challenge = await this.#callAt(
        address,
        { method: 'POST', path: mcpPath.challenges, answer: ChallengeAnswerSchema },
        encodeJson({}),
      );
      this.#serverVersion = challenge.message.capabilityVersion ?? 1;
      const request = JSON.stringify(omitNewer(signed.request, signed.body, this.#serverVersion));
      const assertion = await signer.signAssertion({
        purpose: signed.purpose,
        audience: `holdfast:${this.#authority.fingerprint}`,
        nonce: challenge.message.nonce,
        issuedAtMs: challenge.message.serverTimeMs,
        request,
      });
      const body = encodeJson({ assertion, request });
      return await this.#callAt(address, { method: 'POST', path: signed.path, answer: signed.answer }, body);
    });
  }

  /** A sealed datagram as a body; answers with the datagram of the answer. */
  async callDatagram(datagram: Uint8Array): Promise<Buffer> {
    return await this.#tryAddresses(async (address) => {
      const answer = await this.#exchange.send({
        address,
        method: 'POST',
        path: mcpPath.heartbeats,
        headers: { 'content-type': datagramMediaType, accept: datagramMediaType },
        body: datagram,
        maxAnswerBytes: limits.maxSmallBodyBytes,
      });
      this.#onReached(answer.remoteAddress);
      requireSuccess(answer);
      if (answer.mediaType !== datagramMediaType) throw invalidAnswer('The answer is not a datagram.');
      return answer.body;
    });
  }

  close(): void {
    this.#exchange.close();
  }

  async #callAt<Schema extends TSchema>(
    address: string,
    call: Pick<Call<Schema>, 'method' | 'path' | 'answer' | 'accessToken'>,
    body: Uint8Array,
    isCompressed = false,
  ): Promise<Answered<Static<Schema>>> {
    const answer: HttpsAnswer = await this.#exchange.send({
      address,
      method: call.method,
      path: call.path,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        ...(call.accessToken === undefined ? {} : { authorization: `Bearer ${call.accessToken}` }),
      },
      body,
      maxAnswerBytes: limits.maxAnswerBytes,
    });
    this.#onReached(answer.remoteAddress);
    return { message: readMessage(answer, call.answer), address, remoteAddress: answer.remoteAddress };
  }

  async #tryAddresses<Result>(attempt: (address: string) => Promise<Result>): Promise<Result> {
    const failures: unknown[] = [];
    // They may be replaced while an attempt is under way.
    const addresses = this.#addresses;
    const preferred = this.#preferred;
    for (let tried = 0; tried < addresses.length; tried++) {
      // The index is below the length, so the fallback is never used.
      const address = addresses[(preferred + tried) % addresses.length] ?? '';
      try {
        const result = await attempt(address);
        this.#preferred = Math.max(0, this.#addresses.indexOf(address));
        return result;
      } catch (error) {
        if (!(error instanceof McpClientError)) throw error;
        failures.push(error);
      }
    }
    throw mostTelling(failures);
  }
}

function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
