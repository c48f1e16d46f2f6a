import type { Clock } from '@holdfast/kernel';
import type { Static, TSchema } from 'typebox';
import { omitNewer } from '../capability-version.ts';
import { limits } from '../limits.ts';
import { ChallengeAnswerSchema } from '../messages/challenge.ts';
import { datagramMediaType, mcpPath } from '../messages/path.ts';
import { readMessage, requireSuccess } from './answer.ts';
import type { AssertionContent, AssertionSigner } from './assertion-signer.ts';
import { fetchSuccessor, mostTelling } from './authority.ts';
import { compressBody } from './body-compression.ts';
import { explainCertificateFault, isOfUnknownIssuer } from './certificate-fault.ts';
import { McpClientError } from './client.errors.ts';
import {
  createHttpsExchange,
  type HttpsAnswer,
  type HttpsExchange,
  invalidAnswer,
} from './https-exchange.ts';
import { fingerprintsOf, type PinnedAuthority } from './pinned-authority.ts';

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

export interface ServerLinkOptions {
  readonly addresses: readonly string[];
  readonly authority: PinnedAuthority;
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Called before another authority is trusted; returns when that is safe. */
  readonly keepAuthority: (authority: PinnedAuthority) => Promise<void>;
  /** Told of each answer: the IP address that it came from. */
  readonly onReached?: (remoteAddress: string | undefined) => void;
}

/**
 * The way to one server that has several addresses. It stays with the address that last worked, and tries the others in
 * their order when it fails; a refusal by the server is an answer, and no reason to ask elsewhere.
 */
export class ServerLink {
  #addresses: readonly string[];
  readonly #options: ServerLinkOptions;
  #authority: PinnedAuthority;
  #exchange: HttpsExchange;
  #preferred = 0;
  #serverVersion = 1;

  constructor(options: ServerLinkOptions) {
    if (options.addresses.length === 0) throw new RangeError('"addresses" expected at least one');
    this.#options = options;
    this.#addresses = options.addresses;
    this.#authority = options.authority;
    this.#exchange = this.#createExchange();
  }

  /** What is trusted now. */
  get authority(): PinnedAuthority {
    return this.#authority;
  }

  /** Trusts this from now on and nothing else, once it is kept. Calls that are in flight beside it are given up. */
  async trust(authority: PinnedAuthority): Promise<void> {
    if (authority.certificate === this.#authority.certificate) return;
    await this.#options.keepAuthority(authority);
    this.#authority = authority;
    const former = this.#exchange;
    this.#exchange = this.#createExchange();
    former.close();
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
        audience: `holdfast:${this.#chooseAudience(challenge.message.authority)}`,
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
      this.#options.onReached?.(answer.remoteAddress);
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
    this.#options.onReached?.(answer.remoteAddress);
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
        const result = await this.#attemptFollowing(address, attempt);
        this.#preferred = Math.max(0, this.#addresses.indexOf(address));
        return result;
      } catch (error) {
        if (!(error instanceof McpClientError)) throw error;
        failures.push(explainCertificateFault(error, this.#authority.certificate, this.#options.clock.now()));
      }
    }
    throw mostTelling(failures);
  }

  /** A server whose certificate is of an authority that is not known may have another one by now, and can prove it then. */
  async #attemptFollowing<Result>(
    address: string,
    attempt: (address: string) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await attempt(address);
    } catch (error) {
      if (!isOfUnknownIssuer(error) || !(await this.#follow(address))) throw error;
      return await attempt(address);
    }
  }

  async #follow(address: string): Promise<boolean> {
    const { timeoutMs } = this.#options;
    let successor: PinnedAuthority | undefined;
    try {
      successor = await fetchSuccessor({ address, pinned: this.#authority, timeoutMs });
    } catch {
      // What failed before says more: the server is another one.
      return false;
    }
    if (successor === undefined) return false;
    await this.trust(successor);
    return true;
  }

  /** The server may name another of its authorities, where this product trusts that too. */
  #chooseAudience(wanted: string | undefined): string {
    const isTrusted = wanted !== undefined && fingerprintsOf(this.#authority).includes(wanted);
    return isTrusted ? wanted : this.#authority.fingerprint;
  }

  #createExchange(): HttpsExchange {
    const { timeoutMs } = this.#options;
    return createHttpsExchange({ trust: { authority: this.#authority.certificate }, timeoutMs });
  }
}

function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
