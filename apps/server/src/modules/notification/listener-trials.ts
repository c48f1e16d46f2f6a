import { limits, type ListenerEvidence } from '@holdfast/protocol';
import { ConcurrencyLimiter } from '../../platform/rate-limit/concurrency-limiter.ts';
import type { Endpoint } from '../datagrams/index.ts';

/** What a trial needs of the product that it calls. */
export interface Trial extends Endpoint {
  readonly productNumber: number;
  readonly epoch: number;
}

interface TrialNote extends Trial {
  readonly evidence: ListenerEvidence;
}

const MAX_NOTES = 65_536;

/**
 * Finds out whether products can be called at the listener that they have opened. Invariant: for each handshake and address
 * one port is tried once, whatever the product says afterwards, so that nobody makes this server try the ports of
 * another computer one by one.
 */
export class ListenerTrials {
  readonly #call: (trial: Trial) => Promise<'acknowledged' | 'unanswered' | 'unproven'>;
  readonly #limiter = new ConcurrencyLimiter({ maxRunning: 64, maxWaiting: 512 });
  readonly #notes = new Map<number, TrialNote>();

  constructor(call: (trial: Trial) => Promise<'acknowledged' | 'unanswered' | 'unproven'>) {
    this.#call = call;
  }

  async try(trial: Trial): Promise<ListenerEvidence> {
    if (trial.port < limits.minListenerPort) return 'unreachable';
    const known = this.#notes.get(trial.productNumber);
    if (known?.epoch === trial.epoch && known.address === trial.address) {
      return known.port === trial.port ? known.evidence : 'unreachable';
    }
    // Noted before the call: a second question while it runs does not make a second call.
    this.#note({ ...trial, evidence: 'unreachable' });
    const leave = await this.#limiter.enter();
    if (leave === undefined) return 'unreachable';
    try {
      const outcome = await this.#call(trial);
      const evidence = evidenceOf[outcome];
      this.#note({ ...trial, evidence });
      return evidence;
    } finally {
      leave();
    }
  }

  forget(productNumber: number): void {
    this.#notes.delete(productNumber);
  }

  #note(note: TrialNote): void {
    this.#notes.delete(note.productNumber);
    this.#notes.set(note.productNumber, note);
    if (this.#notes.size <= MAX_NOTES) return;
    // The oldest; its product may be tried once more, which is what a new handshake gives it too.
    for (const oldest of this.#notes.keys()) {
      this.#notes.delete(oldest);
      return;
    }
  }
}

const evidenceOf: Record<'acknowledged' | 'unanswered' | 'unproven', ListenerEvidence> = {
  acknowledged: 'answered',
  unanswered: 'unreachable',
  unproven: 'unproven',
};
