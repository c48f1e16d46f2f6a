import { createSecretKey, randomInt } from 'node:crypto';
import { decodeBase64Url } from '@holdfast/kernel';
import { DatagramError } from '../datagram/datagram.errors.ts';
import type { AcknowledgementDatagram, Datagram, HeartbeatContent } from '../datagram/datagram.ts';
import { DatagramKey, type VerifiedDatagram } from '../datagram/datagram-key.ts';
import { HeartbeatWay, turnAfterUnanswered } from '../heartbeat-way.ts';
import { limits } from '../limits.ts';
import type { HandshakeAnswer } from '../messages/handshake.ts';
import { acknowledgementWait, planHeartbeatRepeatMs } from '../pacing.ts';
import { Transport } from '../transport-choice.ts';
import { McpClientError } from './client.errors.ts';
import { type AnswerDatagram, DatagramChannel } from './datagram-channel.ts';
import { invalidAnswer } from './https-exchange.ts';

/** One heartbeat that was sent, and what it brought back. */
export interface SentHeartbeat {
  /** How it travelled in the end. */
  readonly transport: Transport;
  /** `undefined` when no answer is to be had: by plain UDP. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Heartbeats in a row that a heard product sent by UDP and that UDP did not acknowledge; negotiate the transport anew at 3. */
  readonly missedByUdp: number;
}

export interface Acknowledgement {
  readonly commandsWait: boolean;
  readonly handshakeAgain: boolean;
  /** Idle hours of the group: what is not urgent is kept. */
  readonly idle: boolean;
  /** Within the bounds of the protocol, whatever the server sent. */
  readonly nextIntervalMs: number;
  readonly serverTimeMs: number;
  /** Of the newest snapshot metadata of components; absent: the server says nothing. */
  readonly catalogueVersion?: number;
}

export interface HeartbeatNeeds {
  /**
   * True when plain UDP, which brings no acknowledgement, is not enough: now and then a product wants to learn the next
   * interval, and whether commands wait.
   */
  readonly needsAnswer: boolean;
}

export interface DatagramTiming {
  /**
   * Waits for an acknowledgement: after the first sending of a heartbeat, until the same datagram is sent once more, and after
   * the last sending, until the heartbeat is lost.
   *
   * @param random uniform in [0, 1), drawn anew for each heartbeat
   */
  readonly acknowledgementWaitsMs: (intervalMs: number, random: number) => readonly [number, number];
  /** Wait after each probe; the last one is the wait for a late answer. */
  readonly probeWaitsMs: readonly number[];
}

export const defaultDatagramTiming: DatagramTiming = {
  acknowledgementWaitsMs: (intervalMs, random) => [
    planHeartbeatRepeatMs(intervalMs, random),
    acknowledgementWait.lastMs,
  ],
  probeWaitsMs: [limits.probePauseMs, limits.probePauseMs, 1_000],
};

const RANDOM_STEPS = 2 ** 32;

/** Uniform in [0, 1). */
export function drawRandom(): number {
  return randomInt(RANDOM_STEPS) / RANDOM_STEPS;
}

/** Probes and heartbeats of one handshake: its key, its epoch, its sequence, its socket. */
export class HeartbeatSender {
  readonly #productNumber: number;
  readonly #epoch: number;
  readonly #key: DatagramKey;
  readonly #udp: { readonly port: number; readonly nonce: Uint8Array } | undefined;
  /** Where datagrams go: the IP address that HTTPS reached last. */
  #address: string | undefined;
  readonly #timing: DatagramTiming;
  readonly #callDatagram: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly #answerDatagram: AnswerDatagram | undefined;
  #sequence = 0;
  #transport: Transport = Transport.https;
  #channel: { readonly address: string; readonly datagrams: DatagramChannel } | undefined;
  /** Of the next heartbeat by acknowledged UDP. */
  #way: HeartbeatWay = HeartbeatWay.udpTwice;
  #missedByUdp = 0;
  /** The server's newest. */
  #intervalMs: number;
  readonly #random: () => number;

  constructor(options: {
    readonly handshake: Pick<HandshakeAnswer, 'productNumber' | 'heartbeat'>;
    /** IP address that HTTPS reached. */
    readonly remoteAddress: string | undefined;
    readonly callDatagram: (bytes: Uint8Array) => Promise<Uint8Array>;
    readonly timing: DatagramTiming;
    /** Uniform in [0, 1). */
    readonly random: () => number;
    /** Judges datagrams that come between heartbeats: notifications. */
    readonly answerDatagram?: AnswerDatagram;
  }) {
    const { heartbeat, productNumber } = options.handshake;
    // The schema of the answer has checked both lengths.
    const keyBytes = decodeBase64Url(heartbeat.key) ?? new Uint8Array(0);
    const nonce = decodeBase64Url(heartbeat.udp?.probeNonce ?? '') ?? new Uint8Array(0);
    this.#productNumber = productNumber;
    this.#epoch = heartbeat.epoch;
    this.#key = new DatagramKey(createSecretKey(keyBytes));
    keyBytes.fill(0);
    this.#address = options.remoteAddress;
    this.#udp =
      heartbeat.udp === null || options.remoteAddress === undefined
        ? undefined
        : { port: heartbeat.udp.port, nonce };
    this.#intervalMs = boundIntervalMs(heartbeat.intervalMs);
    this.#timing = options.timing;
    this.#random = options.random;
    this.#callDatagram = options.callDatagram;
    this.#answerDatagram = options.answerDatagram;
  }

  /**
   * HTTPS reached the server at this IP address: datagrams go there from the next one on. The name of a server may move to another
   * address, and only looking it up anew finds that.
   */
  follow(address: string | undefined): void {
    if (address !== undefined && this.#udp !== undefined) this.#address = address;
  }

  /** The IP address to which datagrams go; undefined when none are sent. */
  get peer(): string | undefined {
    return this.#udp === undefined ? undefined : this.#address;
  }

  /** Sends probes and waits for an acknowledgement of one. Never throws for the network's sake. */
  async probe(): Promise<{ readonly probesSent: number; readonly acknowledged: boolean }> {
    // A socket keeps the address that the computer had when it was opened; the way may be another one now.
    this.#closeChannel();
    const channel = await this.#openChannel();
    if (channel === undefined || this.#udp === undefined) return { probesSent: 0, acknowledged: false };
    const { nonce } = this.#udp;
    const { answer, sent } = await channel.ask({
      bytes: this.#timing.probeWaitsMs.map((_, index) =>
        this.#key.seal({ type: 'probe', ...this.#header(index + 1), nonce }),
      ),
      pausesMs: this.#timing.probeWaitsMs,
      accept: (bytes) => {
        const datagram = this.#read(bytes);
        const isAnswer =
          datagram?.type === 'probe-acknowledgement' && Buffer.compare(datagram.nonce, nonce) === 0;
        return isAnswer ? true : undefined;
      },
    });
    return { probesSent: sent, acknowledged: answer === true };
  }

  /** From now on heartbeats travel this way. */
  useTransport(transport: Transport): void {
    this.#transport = transport;
    this.#way = HeartbeatWay.udpTwice;
    this.#missedByUdp = 0;
    if (transport === Transport.https) this.#closeChannel();
  }

  /**
   * Sends one heartbeat, in no more than two attempts. By acknowledged UDP the product that is heard sends it twice at most; one
   * that is not heard sends it once, by HTTPS and by UDP in turn. By plain UDP it goes by HTTPS as well when an answer is
   * needed: the server answers a repeated sequence without counting it.
   *
   * @throws McpClientError SERVER_UNREACHABLE when an answer was due and none came, McpProblem when the server refused it
   */
  async send(content: HeartbeatContent, { needsAnswer }: HeartbeatNeeds): Promise<SentHeartbeat> {
    this.#sequence++;
    const sequence = this.#sequence;
    const bytes = this.#key.seal({ type: 'heartbeat', ...this.#header(sequence), ...content });
    if (this.#transport === Transport.udpAcknowledged) {
      return await this.#sendAcknowledged(bytes, sequence, content.goingAway);
    }
    const channel = this.#transport === Transport.udp ? await this.#openChannel() : undefined;
    channel?.send(bytes);
    if (channel !== undefined && !needsAnswer) {
      return { transport: Transport.udp, acknowledgement: undefined, missedByUdp: 0 };
    }
    return await this.#sendByHttps(bytes, sequence);
  }

  /** docs/protocol.md, section 12. */
  async #sendAcknowledged(bytes: Uint8Array, sequence: number, isLast: boolean): Promise<SentHeartbeat> {
    const way = this.#way;
    // So it stays unless an answer comes.
    this.#way = turnAfterUnanswered(way);
    // A socket keeps the address that the computer had when it was opened, and that may be why nobody answers.
    if (way === HeartbeatWay.udpOnce) this.#closeChannel();
    const channel = way === HeartbeatWay.https ? undefined : await this.#openChannel();
    if (channel === undefined) return await this.#sendByHttps(bytes, sequence);
    const [repeatMs, lastMs] = this.#timing.acknowledgementWaitsMs(this.#intervalMs, this.#random());
    const pausesMs = isLast
      ? [Math.min(repeatMs, acknowledgementWait.minRepeatMs)]
      : way === HeartbeatWay.udpTwice
        ? [repeatMs, lastMs]
        : [lastMs];
    const { answer } = await channel.ask({
      bytes: pausesMs.map(() => bytes),
      pausesMs,
      accept: (received) => this.#readAcknowledgement(received, sequence),
    });
    if (answer !== undefined) {
      this.#missedByUdp = 0;
      this.#noteAnswer(answer);
      return { transport: Transport.udpAcknowledged, acknowledgement: answer, missedByUdp: 0 };
    }
    // Silence while the server may be away says nothing about the way, so only a heard product counts it.
    if (way === HeartbeatWay.udpTwice) this.#missedByUdp++;
    // No later heartbeat makes up for a goodbye that was lost.
    if (isLast) return await this.#sendByHttps(bytes, sequence);
    throw new McpClientError('SERVER_UNREACHABLE', 'The server did not acknowledge a heartbeat.', {
      retry: 'safe',
      facts: { sequence },
      remedy: 'Check the network, and that the server is running.',
    });
  }

  async #sendByHttps(bytes: Uint8Array, sequence: number): Promise<SentHeartbeat> {
    const acknowledgement = this.#readAcknowledgement(await this.#callDatagram(bytes), sequence);
    if (acknowledgement === undefined)
      throw invalidAnswer('The heartbeat was not acknowledged in the right form.');
    this.#noteAnswer(acknowledgement);
    return { transport: Transport.https, acknowledgement, missedByUdp: this.#missedByUdp };
  }

  #noteAnswer({ nextIntervalMs }: Acknowledgement): void {
    this.#way = HeartbeatWay.udpTwice;
    this.#intervalMs = nextIntervalMs;
  }

  close(): void {
    this.#closeChannel();
  }

  #header(sequence: number): Pick<Datagram, 'productNumber' | 'epoch' | 'sequence'> {
    return { productNumber: this.#productNumber, epoch: this.#epoch, sequence };
  }

  async #openChannel(): Promise<DatagramChannel | undefined> {
    const address = this.#address;
    if (this.#udp === undefined || address === undefined) return undefined;
    if (this.#channel?.address === address) return this.#channel.datagrams;
    this.#closeChannel();
    try {
      const datagrams = await DatagramChannel.open(address, this.#udp.port, this.#answerDatagram);
      this.#channel = { address, datagrams };
      return datagrams;
    } catch {
      // No socket to be had: HTTPS carries the heartbeats.
      return undefined;
    }
  }

  #closeChannel(): void {
    this.#channel?.datagrams.close();
    this.#channel = undefined;
  }

  /** `undefined` for what is not a proven datagram of this product and epoch: on UDP that is noise. */
  #read(bytes: Uint8Array): VerifiedDatagram | undefined {
    try {
      const datagram = this.#key.verify(bytes);
      return datagram.productNumber === this.#productNumber && datagram.epoch === this.#epoch
        ? datagram
        : undefined;
    } catch (error) {
      if (error instanceof DatagramError) return undefined;
      throw error;
    }
  }

  #readAcknowledgement(bytes: Uint8Array, sequence: number): Acknowledgement | undefined {
    const datagram = this.#read(bytes);
    if (datagram?.type !== 'heartbeat-acknowledgement' || datagram.sequence !== sequence) return undefined;
    return describeAcknowledgement(datagram);
  }
}

function describeAcknowledgement(datagram: AcknowledgementDatagram): Acknowledgement {
  return {
    commandsWait: datagram.commandsWait,
    handshakeAgain: datagram.handshakeAgain,
    idle: datagram.idle,
    nextIntervalMs: boundIntervalMs(datagram.nextIntervalMs),
    serverTimeMs: datagram.serverTimeMs,
    ...(datagram.catalogueVersion === undefined ? {} : { catalogueVersion: datagram.catalogueVersion }),
  };
}

function boundIntervalMs(intervalMs: number): number {
  const { minHeartbeatIntervalMs, maxHeartbeatIntervalMs } = limits;
  return Math.min(maxHeartbeatIntervalMs, Math.max(minHeartbeatIntervalMs, intervalMs));
}
