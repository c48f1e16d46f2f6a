import { HeartbeatWay, Transport } from '@holdfast/protocol';
import { initialProductState, Phase, type ProductState } from './product-state.ts';

const phases = Object.values(Phase);
const transports = Object.values(Transport);
const ways = Object.values(HeartbeatWay);
const phaseNumber = new Map(phases.map((phase, index) => [phase, index]));
const wayNumber = new Map(ways.map((way, index) => [way, index]));
const transportNumber = new Map(transports.map((transport, index) => [transport, index]));

const STARTED = 1;
const FIRST_INTERVAL = 2;
const CLAIMING = 4;

/** States of all products, 24 bytes each, in columns. Invariant: what was stored is what is loaded. */
export class ProductColumns {
  readonly #phases: Uint8Array;
  readonly #transports: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #failures: Uint8Array;
  readonly #ways: Uint8Array;
  readonly #missedByUdp: Uint8Array;
  readonly #sends: Uint8Array;
  readonly #unanswered: Uint8Array;
  readonly #repeatsMs: Uint32Array;
  readonly #sinceAnswersMs: Uint32Array;
  readonly #intervalsMs: Uint32Array;
  readonly #returnSpreadsMs: Uint32Array;
  readonly #counts = Array.from({ length: phases.length }, () => 0);

  constructor(count: number) {
    this.#phases = new Uint8Array(count);
    this.#transports = new Uint8Array(count);
    this.#flags = new Uint8Array(count);
    this.#failures = new Uint8Array(count);
    this.#ways = new Uint8Array(count);
    this.#missedByUdp = new Uint8Array(count);
    this.#sends = new Uint8Array(count);
    this.#unanswered = new Uint8Array(count);
    this.#repeatsMs = new Uint32Array(count);
    this.#sinceAnswersMs = new Uint32Array(count);
    this.#intervalsMs = new Uint32Array(count);
    this.#returnSpreadsMs = new Uint32Array(count);
    // Every column begins as the initial phase, which has the number 0.
    this.#counts[0] = count;
    for (let index = 0; index < count; index++) this.store(index, initialProductState);
  }

  get count(): number {
    return this.#phases.length;
  }

  phaseOf(index: number): Phase {
    return phases[this.#phases[index] ?? 0] ?? Phase.off;
  }

  countOf(phase: Phase): number {
    return this.#counts[phaseNumber.get(phase) ?? 0] ?? 0;
  }

  countAll(): Record<Phase, number> {
    // Every phase is in the list.
    return Object.fromEntries(phases.map((phase) => [phase, this.countOf(phase)])) as Record<Phase, number>;
  }

  load(index: number): ProductState {
    const flags = this.#flags[index] ?? 0;
    return {
      phase: this.phaseOf(index),
      isStarted: (flags & STARTED) !== 0,
      transport: transports[this.#transports[index] ?? 0] ?? Transport.https,
      failures: this.#failures[index] ?? 0,
      intervalMs: this.#intervalsMs[index] ?? 0,
      returnSpreadMs: this.#returnSpreadsMs[index] ?? 0,
      way: ways[this.#ways[index] ?? 0] ?? HeartbeatWay.udpTwice,
      missedByUdp: this.#missedByUdp[index] ?? 0,
      sends: this.#sends[index] ?? 0,
      sinceAnswerMs: this.#sinceAnswersMs[index] ?? 0,
      repeatMs: this.#repeatsMs[index] ?? 0,
      isFirstInterval: (flags & FIRST_INTERVAL) !== 0,
      isClaiming: (flags & CLAIMING) !== 0,
      unanswered: this.#unanswered[index] ?? 0,
    };
  }

  store(index: number, state: ProductState): void {
    const before = this.#phases[index] ?? 0;
    const phase = phaseNumber.get(state.phase) ?? 0;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[phase] = (this.#counts[phase] ?? 0) + 1;
    this.#phases[index] = phase;
    this.#transports[index] = transportNumber.get(state.transport) ?? 0;
    this.#flags[index] =
      (state.isStarted ? STARTED : 0) |
      (state.isFirstInterval ? FIRST_INTERVAL : 0) |
      (state.isClaiming ? CLAIMING : 0);
    this.#failures[index] = state.failures;
    this.#ways[index] = wayNumber.get(state.way) ?? 0;
    this.#missedByUdp[index] = state.missedByUdp;
    this.#sends[index] = state.sends;
    this.#sinceAnswersMs[index] = state.sinceAnswerMs;
    this.#repeatsMs[index] = state.repeatMs;
    this.#unanswered[index] = state.unanswered;
    this.#intervalsMs[index] = state.intervalMs;
    this.#returnSpreadsMs[index] = state.returnSpreadMs;
  }
}
