import { randomUUID } from 'node:crypto';
import {
  type ClaimAnswer,
  type CommandReport,
  type LogEntry,
  type LogsAnswer,
  mcpPath,
  type ReportsAnswer,
} from '@holdfast/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { TestProduct, type TestProductOptions } from './test-product.ts';
import type { TestServer } from './test-server.ts';

/** What becomes of one call: it or its answer is lost, it arrives twice, or again much later. */
export type CallFate = 'arrives' | 'request-lost' | 'answer-lost' | 'repeated' | 'comes-again-later';

interface Call {
  readonly method: 'POST';
  readonly url: string;
  readonly payload: object;
  readonly headers: { readonly authorization: string };
}

/**
 * A product as the protocol asks for it, on a network that loses, repeats and delays. What a careful product writes to disk
 * survives `restart`: which commands it began, reports without an outcome, log entries without an acknowledgement.
 */
export class UnreliableProduct {
  readonly #server: TestServer;
  readonly #product: TestProduct;
  readonly #journal = randomUUID();
  readonly #begun = new Set<string>();
  readonly #reports = new Map<string, CommandReport>();
  #entries: LogEntry[] = [];
  #lastSequence = 0;
  #instance = randomUUID();
  #isConnected = true;
  #delayed: Call[] = [];
  #clockOffsetMs = 0;
  /** How often each command was carried out. */
  readonly effects = new Map<string, number>();
  /** Sequences that the server acknowledged, and so those that must be in its table. */
  acknowledged = 0;
  /** Epochs of its handshakes, in their order. */
  readonly epochs: number[] = [];

  constructor(server: TestServer, options: TestProductOptions = {}) {
    this.#server = server;
    this.#product = new TestProduct(server, options);
  }

  get number(): number {
    return this.#product.productNumber;
  }

  get journal(): string {
    return this.#journal;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get waitingCount(): number {
    return this.#entries.length + this.#reports.size;
  }

  async join(tokenString: string): Promise<void> {
    await this.#product.join(tokenString);
    await this.shakeHands();
  }

  /** The process ends and starts: memory is gone. */
  restart(): void {
    this.#instance = randomUUID();
    this.#isConnected = false;
    // It began them and does not know how they ended: it says so, and does not begin them again.
    for (const id of this.#begun) {
      if (!this.effects.has(id)) this.#report(id, 'failed');
    }
  }

  leapClock(byMs: number): void {
    this.#clockOffsetMs += byMs;
  }

  async shakeHands(isLost = false): Promise<LightMyRequestResponse> {
    const clockMs = Math.max(0, this.#server.clock.now() + this.#clockOffsetMs);
    const known = this.#product.handshake;
    const answer = await this.#product.shakeHands({ instance: this.#instance, clockMs });
    if (answer.statusCode !== 200) return answer;
    this.epochs.push(this.#product.handshake?.heartbeat.epoch ?? 0);
    if (isLost) this.#product.handshake = known;
    this.#isConnected = !isLost;
    return answer;
  }

  async beat(): Promise<void> {
    const answer = await this.#product.heartbeat();
    if (answer.statusCode !== 200 || (answer.rawPayload.readUInt16BE(2) & 2) !== 0) this.#isConnected = false;
  }

  log(): void {
    this.#lastSequence += 1;
    this.#entries.push({
      sequence: this.#lastSequence,
      at: Math.max(0, this.#server.clock.now() + this.#clockOffsetMs),
      type: 'agent-started',
      severity: 'info',
    });
  }

  /**
   * @param crashes the process ends in the middle of a command, before it has an effect
   * @returns how many commands came; undefined without an answer
   */
  async claim(fate: CallFate, crashes = false): Promise<number | undefined> {
    const answer = await this.#call(mcpPath.commandClaims, { max: 3 }, fate);
    if (answer === undefined) return undefined;
    const { commands } = answer.json<ClaimAnswer>();
    for (const { id } of commands) {
      if (this.#begun.has(id)) {
        // It comes again because the server has no report: what is known is said again.
        if (!this.#reports.has(id)) this.#report(id, this.effects.has(id) ? 'succeeded' : 'failed');
        continue;
      }
      this.#begun.add(id);
      if (crashes) {
        this.restart();
        break;
      }
      this.effects.set(id, (this.effects.get(id) ?? 0) + 1);
      this.#report(id, 'succeeded');
    }
    return commands.length;
  }

  async sendReports(fate: CallFate): Promise<void> {
    const reports = [...this.#reports.values()].slice(0, 5);
    if (reports.length === 0) return;
    const answer = await this.#call(mcpPath.commandReports, { reports }, fate);
    for (const { commandId } of answer?.json<ReportsAnswer>().outcomes ?? []) this.#reports.delete(commandId);
  }

  async sendLogs(fate: CallFate, count: number): Promise<void> {
    const entries = this.#entries.slice(0, count);
    if (entries.length === 0) return;
    const answer = await this.#call(
      mcpPath.logs,
      { journal: this.#journal, acknowledged: this.acknowledged, entries },
      fate,
    );
    if (answer === undefined) return;
    const { acknowledged } = answer.json<LogsAnswer>();
    this.acknowledged = Math.max(this.acknowledged, acknowledged);
    this.#entries = this.#entries.filter(({ sequence }) => sequence > acknowledged);
  }

  /** Calls that the network held back arrive, the newest first; nobody waits for their answers. */
  async deliverDelayed(): Promise<void> {
    const delayed = this.#delayed.toReversed();
    this.#delayed = [];
    for (const call of delayed) await this.#server.call(call);
  }

  async #call(url: string, payload: object, fate: CallFate): Promise<LightMyRequestResponse | undefined> {
    if (!this.#isConnected) await this.shakeHands();
    const call: Call = { method: 'POST', url, payload, headers: this.#product.bearer };
    if (fate === 'request-lost') return undefined;
    if (fate === 'comes-again-later') this.#delayed.push(call);
    let answer = await this.#server.call(call);
    if (fate === 'repeated') answer = await this.#server.call(call);
    if (answer.statusCode === 401) this.#isConnected = false;
    return fate === 'answer-lost' || answer.statusCode !== 200 ? undefined : answer;
  }

  #report(commandId: string, state: 'succeeded' | 'failed'): void {
    const at = Math.max(0, this.#server.clock.now() + this.#clockOffsetMs);
    this.#reports.set(commandId, { commandId, state, at });
  }
}
