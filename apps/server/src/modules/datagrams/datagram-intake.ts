import type { Clock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import type { DatagramCounts } from './datagram-counts.ts';
import { type DatagramDispatcher, hasAnswer } from './datagram-dispatcher.ts';
import { TimeBudget } from './time-budget.ts';
import type { Endpoint } from './udp-sockets.ts';

/** Part of this process's time that datagrams may take unless told. */
const DEFAULT_SHARE = 0.7;

/** Takes answers on their way: a socket, or what stands for one. */
export interface AnswerOutlet {
  send(answer: Uint8Array, port: number, address: string): void;
}

export interface DatagramIntakeOptions {
  readonly dispatcher: DatagramDispatcher;
  readonly counts: DatagramCounts;
  readonly clock: Clock;
  /** Part of this process's time that datagrams may take; the rest belongs to everything else. */
  readonly share?: number;
}

/**
 * Where datagrams that came by UDP are worked off. A flood of them, good or bad, takes at most its share of the time: the rest
 * is dropped unread and counted, and requests of administrators go on being answered.
 */
export class DatagramIntake {
  readonly #options: DatagramIntakeOptions;
  readonly #budget: TimeBudget;

  constructor(options: DatagramIntakeOptions) {
    this.#options = options;
    this.#budget = new TimeBudget({ windowMs: 100, share: options.share ?? DEFAULT_SHARE });
  }

  /** @param outlet takes the answer before this returns, if there is one; its time counts as well */
  receive(bytes: Uint8Array, from: Endpoint, outlet: AnswerOutlet): void {
    const startedAtMs = this.#begin(1);
    if (startedAtMs === undefined) return;
    this.#dispatch(bytes, from, outlet);
    this.#end(startedAtMs);
  }

  /**
   * Several that came together; all that `workOff` does counts.
   *
   * @returns 0, or for how many milliseconds there will be no time: then all were dropped
   */
  receiveBatch(count: number, workOff: (dispatch: DatagramIntake['receive']) => void): number {
    const startedAtMs = this.#begin(count);
    if (startedAtMs === undefined) return this.#budget.waitMsAt(this.#options.clock.monotonic());
    workOff((bytes, from, outlet) => this.#dispatch(bytes, from, outlet));
    this.#end(startedAtMs);
    return 0;
  }

  #begin(count: number): number | undefined {
    const { counts, clock } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#budget.hasTimeAt(nowMs)) return nowMs;
    counts.add('over-budget', count);
    return undefined;
  }

  #end(startedAtMs: number): void {
    this.#budget.spend(this.#options.clock.monotonic() - startedAtMs);
  }

  #dispatch(bytes: Uint8Array, from: Endpoint, outlet: AnswerOutlet): void {
    const { dispatcher, counts } = this.#options;
    // Nobody can be answered there: only a forged datagram comes from port 0, and sending to it is a fault.
    if (from.port === 0) {
      counts.add('unanswerable');
      return;
    }
    // One buffer for each answer: the socket sends it later.
    const answer = Buffer.allocUnsafe(limits.minDatagramBytes);
    const outcome = dispatcher.dispatch(bytes, 'heartbeat-udp', answer, from);
    counts.add(outcome);
    if (hasAnswer(outcome)) outlet.send(answer, from.port, from.address);
  }
}
