import { randomBytes } from 'node:crypto';
import type { CommunicationMode, NotificationOutcome, NotificationWay } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import { limits, type NotificationDatagram, type NotificationSealer } from '@holdfast/protocol';
import type { DatagramsModule, Endpoint } from '../datagrams/index.ts';
import { AsleepProducts } from './asleep.ts';
import { type CallTable, wishes } from './call-table.ts';
import type { HeldStreams } from './held-streams.ts';
import type { ListenerCall } from './listener-call.ts';
import { Pace } from './pace.ts';
import { WayQueue } from './way-queue.ts';

/** What decides whether a call is worth it, and who hears what came of it. */
export interface CalledProducts {
  findEpoch(productNumber: number): number | undefined;
  /** Something waits that the product may fetch at this hour. */
  areCommandsWaiting(productNumber: number): boolean;
  /** Idle hours of the product. */
  isIdle(productNumber: number): boolean;
  recordSign(productNumber: number, kind: 'notification'): void;
  /** Its heartbeat is late at this moment. */
  isLate(productNumber: number): boolean;
  noteClosedPort(productNumber: number): void;
}

export interface NotifierParts {
  readonly clock: Clock;
  /** A sequence that is greater than all before it. */
  readonly nextSequence: () => number;
  readonly table: CallTable;
  readonly sealer: NotificationSealer;
  readonly products: CalledProducts;
  readonly streams: HeldStreams;
  readonly datagrams: Pick<DatagramsModule, 'call'>;
  readonly callListener: (call: ListenerCall) => Promise<NotificationOutcome>;
  readonly isPortClosed: (at: Endpoint) => Promise<boolean>;
  readonly onEnd?: (way: NotificationWay, outcome: NotificationOutcome) => void;
}

const ways: Readonly<Record<CommunicationMode, NotificationWay | undefined>> = {
  'one-way': undefined,
  'two-way-direct': 'direct',
  'two-way-udp': 'udp',
  'two-way-held': 'held',
};
const wayNames = ['direct', 'udp', 'held'] as const satisfies readonly NotificationWay[];

/** The claims that follow must not come in one burst. */
const CALLS_PER_S = 2_000;
/** Handshakes cost more than claims: a mode that is changed for the whole fleet changes over minutes. */
const HANDSHAKES_PER_S = 100;
const PUMP_MS = 50;
const BURST = (CALLS_PER_S * PUMP_MS) / 1_000;
const MAX_UNDER_WAY: Readonly<Record<NotificationWay, number>> = {
  direct: 64,
  // As many as fit into the time after which one is given up.
  udp: 6_000,
  held: Number.POSITIVE_INFINITY,
};
/** An order for so many products or fewer does not wait behind one for the whole fleet. */
const MAX_QUICK = 64;

interface Call {
  readonly notification: NotificationDatagram;
  readonly bytes: Uint8Array;
}

/**
 * Calls products, each by its way, at a bounded pace. Invariant: of one product at most one notification is under way; a wish that
 * comes meanwhile is told afterwards. A call that fails leaves everything as it is: the next heartbeat tells the same.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #queues: Readonly<Record<NotificationWay, WayQueue>> = {
    direct: new WayQueue(),
    udp: new WayQueue(),
    held: new WayQueue(),
  };
  readonly #underWay: Record<NotificationWay, number> = { direct: 0, udp: 0, held: 0 };
  readonly #pace: Pace;
  readonly #handshakePace: Pace;
  readonly #asleep: AsleepProducts;
  #timer: NodeJS.Timeout | undefined;
  #nextWay = 0;
  #isStopped = false;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    const { table, products } = parts;
    this.#asleep = new AsleepProducts(
      (number) => products.isIdle(number) && ways[table.mode(number)] !== undefined,
    );
    this.#pace = new Pace({ perSecond: CALLS_PER_S, burst: BURST }, parts.clock);
    this.#handshakePace = new Pace({ perSecond: HANDSHAKES_PER_S, burst: HANDSHAKES_PER_S }, parts.clock);
  }

  /** Products that wait for their turn. */
  get waiting(): number {
    return wayNames.reduce((sum, way) => sum + this.#queues[way].length, 0);
  }

  /** To be called every second: whoever had idle hours when something was ordered is called when they are over. */
  turn(): void {
    this.wantClaims(this.#asleep.takeAwake());
  }

  /** Something waits for these products, after the commit. */
  wantClaims(productNumbers: readonly number[]): void {
    this.#want(productNumbers, wishes.claim);
  }

  /** These products are to make a handshake: by a call, and else with the answer to their next heartbeat. */
  wantHandshakes(productNumbers: readonly number[]): void {
    for (const number of productNumbers) this.#parts.table.set(number, wishes.handshakeWanted, true);
    this.#want(productNumbers, wishes.handshake);
  }

  /**
   * A heartbeat of this product is late: is it there? Only who has a listener can be asked. Its answer is a sign of life; if it gives none
   * and its port is closed, nobody runs there.
   */
  askLate(productNumber: number): void {
    // When a whole fleet falls silent, the rest is not queued.
    if (this.#parts.table.mode(productNumber) !== 'two-way-direct') return;
    this.#want([productNumber], wishes.answer);
  }

  /** The reason is gone. */
  dropHandshakeWish(productNumber: number): void {
    if (!this.#parts.table.has(productNumber, wishes.handshakeWanted)) return;
    this.#parts.table.set(productNumber, wishes.handshakeWanted, false);
  }

  /** Whether the heartbeat that is being answered is to be answered with "handshake again"; paced like the calls. */
  takeHandshakeWish(productNumber: number): boolean {
    return this.#parts.table.has(productNumber, wishes.handshakeWanted) && this.#handshakePace.take();
  }

  /** Seals a notification, with a sequence that is greater than all before it. */
  create(
    productNumber: number,
    epoch: number,
    content: Pick<NotificationDatagram, 'commandsWait' | 'handshakeAgain'>,
  ): { readonly notification: NotificationDatagram; readonly bytes: Uint8Array } {
    const notification: NotificationDatagram = {
      type: 'notification',
      productNumber,
      epoch,
      sequence: this.#parts.nextSequence(),
      nonce: randomBytes(limits.nonceBytes),
      ...content,
    };
    return { notification, bytes: this.#parts.sealer.seal(notification) };
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #want(productNumbers: readonly number[], wish: number): void {
    if (this.#isStopped) return;
    // A whole site that falls silent is asked one by one, and orders do not wait behind it.
    const size = productNumbers.length > MAX_QUICK || wish === wishes.answer ? 'bulk' : 'quick';
    const { table } = this.#parts;
    for (const number of productNumbers) {
      const way = ways[table.mode(number)];
      if (way === undefined) continue;
      table.set(number, wish, true);
      if (table.has(number, wishes.busy)) continue;
      table.set(number, wishes.busy, true);
      this.#queues[way].add(number, size);
    }
    this.#pump();
  }

  /** Starts what may start now. */
  #pump(): void {
    if (this.#isStopped) return;
    for (let way = this.#pickWay(); way !== undefined; way = this.#pickWay()) {
      if (!this.#pace.hasLeft()) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#pump();
        }, PUMP_MS);
        return;
      }
      const number = this.#queues[way].take();
      // A way that was picked has somebody in its queue.
      if (number !== undefined && this.#call(number)) this.#pace.take();
    }
  }

  /** Ways take turns, so that none keeps another waiting. */
  #pickWay(): NotificationWay | undefined {
    for (const _ of wayNames) {
      const way = wayNames[this.#nextWay % wayNames.length];
      this.#nextWay += 1;
      if (way === undefined) continue;
      if (this.#queues[way].length > 0 && this.#underWay[way] < MAX_UNDER_WAY[way]) return way;
    }
    return undefined;
  }

  /** @returns false when there was nothing to tell */
  #call(number: number): boolean {
    const { table, products } = this.#parts;
    const epoch = products.findEpoch(number);
    const way = ways[table.mode(number)];
    const isClaimWanted = table.has(number, wishes.claim);
    // What is urgent is told now; the rest is told when the hours are over.
    if (isClaimWanted && products.isIdle(number)) this.#asleep.add(number);
    const commandsWait = isClaimWanted && products.areCommandsWaiting(number);
    const isHandshakeDue = table.has(number, wishes.handshake) && table.has(number, wishes.handshakeWanted);
    // A handshake that is not told at this pace is told with a heartbeat.
    const handshakeAgain = isHandshakeDue && this.#handshakePace.take();
    const isAsked = table.has(number, wishes.answer) && products.isLate(number);
    table.set(number, wishes.claim | wishes.handshake | wishes.answer, false);
    const isWorthIt = commandsWait || handshakeAgain || isAsked;
    if (epoch === undefined || way === undefined || !isWorthIt) {
      table.set(number, wishes.busy, false);
      return false;
    }
    const isOnlyAsked = !(commandsWait || handshakeAgain);
    this.#underWay[way] += 1;
    const settle = (outcome: NotificationOutcome): void => {
      this.#underWay[way] -= 1;
      this.#settle({ number, epoch, way, outcome, isOnlyAsked });
      this.#pump();
    };
    const call = this.create(number, epoch, { commandsWait, handshakeAgain });
    const ended = isAsked && way === 'direct' ? this.#ask(call) : this.#carry(way, call);
    // A bug must not leave the product busy for ever.
    ended.then(settle, () => settle('unanswered'));
    return true;
  }

  /** Looks at the port meanwhile: a product that answers is there, whatever that says. */
  async #ask(call: Call): Promise<NotificationOutcome> {
    const { table, products, isPortClosed } = this.#parts;
    const { productNumber, epoch } = call.notification;
    const to = table.listenerOf(productNumber);
    const closed = to === undefined ? undefined : isPortClosed(to);
    const outcome = await this.#carry('direct', call);
    if (outcome === 'unanswered' && (await closed) === true && products.findEpoch(productNumber) === epoch)
      products.noteClosedPort(productNumber);
    return outcome;
  }

  async #carry(way: NotificationWay, call: Call): Promise<NotificationOutcome> {
    const { table, sealer, streams, datagrams, callListener } = this.#parts;
    const { notification, bytes } = call;
    const { productNumber, epoch } = notification;
    switch (way) {
      case 'held':
        return streams.write(productNumber, epoch, bytes) ? 'written' : 'no-way';
      case 'udp': {
        const to = table.addressOf(productNumber);
        if (to === undefined) return 'no-way';
        return (await datagrams.call(notification, bytes, to)) ? 'acknowledged' : 'unanswered';
      }
      case 'direct': {
        const to = table.listenerOf(productNumber);
        if (to === undefined) return 'no-way';
        const isAnswer = (answer: Uint8Array) => sealer.isAcknowledgement(answer, notification);
        return await callListener({ ...to, bytes, isAnswer });
      }
    }
  }

  #settle(end: {
    readonly number: number;
    readonly epoch: number;
    readonly way: NotificationWay;
    readonly outcome: NotificationOutcome;
    readonly isOnlyAsked: boolean;
  }): void {
    const { table, products, clock, onEnd } = this.#parts;
    const { number, epoch, way, outcome, isOnlyAsked } = end;
    table.set(number, wishes.busy, false);
    // What a call of an earlier handshake came to says nothing about this one.
    if (products.findEpoch(number) === epoch) {
      onEnd?.(way, outcome);
      table.recordEnd(number, { atMs: clock.now(), way, outcome });
      if (outcome === 'acknowledged') products.recordSign(number, 'notification');
      // A stream that is being opened anew, and an address that is not known yet, are no failures of the way.
      // Nor does it say anything of the way that nobody is there.
      if (outcome !== 'no-way' && !(isOnlyAsked && outcome === 'unanswered')) {
        table.countFailure(number, outcome === 'unanswered' || outcome === 'unproven');
      }
    }
    // What was wished for meanwhile.
    for (const wish of [wishes.claim, wishes.handshake, wishes.answer])
      if (table.has(number, wish)) this.#want([number], wish);
  }
}
