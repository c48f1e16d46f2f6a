import type { Clock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import type { DatagramOrigin } from './datagram-caller.ts';
import type { DatagramCounts } from './datagram-counts.ts';
import { hasAnswer, type HeartbeatDoor } from './heartbeat-door.ts';
import { TimeBudget } from './time-budget.ts';

/** Part of this process's time that datagrams may take unless told. */
const DEFAULT_SHARE = 0.7;

/** Takes answers on their way: a socket, or what stands for one. */
export interface AnswerOutlet {
  send(answer: Uint8Array, port: number, address: string): void;
}

export interface DatagramDeskOptions {
  readonly door: HeartbeatDoor;
  readonly counts: DatagramCounts;
  readonly clock: Clock;
  /** Part of this process's time that datagrams may take; the rest belongs to everything else. */
  readonly share?: number;
}

/**
 * Where received datagrams are worked off. A flood of them, good or bad, takes at most its share of the time: the rest is
 * dropped unread and counted, and requests of administrators go on being answered.
 */
export class DatagramDesk {
  readonly #options: DatagramDeskOptions;
  readonly #budget: TimeBudget;

  constructor(options: DatagramDeskOptions) {
    this.#options = options;
    this.#budget = new TimeBudget({ windowMs: 100, share: options.share ?? DEFAULT_SHARE });
  }

  /** @param outlet takes the answer before this returns, if there is one; its time counts as well */
  receive(bytes: Uint8Array, from: DatagramOrigin, outlet: AnswerOutlet): void {
    const { door, counts, clock } = this.#options;
    const startedAtMs = clock.monotonic();
    if (!this.#budget.hasTimeAt(startedAtMs)) {
      counts.add('over-budget');
      return;
    }
    // One buffer for each answer: the socket sends it later.
    const answer = Buffer.allocUnsafe(limits.minDatagramBytes);
    const outcome = door.receive(bytes, 'heartbeat-udp', answer, from);
    counts.add(outcome);
    if (hasAnswer(outcome)) outlet.send(answer, from.port, from.address);
    this.#budget.spend(clock.monotonic() - startedAtMs);
  }
}
